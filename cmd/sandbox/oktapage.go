package sandbox

import (
	"embed"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/pages"
)

//go:embed html
var htmlFiles embed.FS

// oktaSite is an org together with what only a sandbox has: a page to look
// around, its JSON twins, and the place for changes by hand. These are neither
// logged nor limited.
type oktaSite struct {
	org     *oktatest.Server
	other   pages.Other // that the page leads to
	pages   *pages.Set
	sandbox *http.ServeMux
}

func newOktaSite(org *oktatest.Server, other pages.Other) (*oktaSite, error) {
	set, err := pages.New("okta", htmlFiles)
	if err != nil {
		return nil, err
	}
	s := &oktaSite{org: org, other: other, pages: set, sandbox: http.NewServeMux()}
	s.sandbox.HandleFunc("GET /sandbox", s.overview)
	s.sandbox.HandleFunc("GET "+pages.StylePath, set.ServeStyle)
	s.sandbox.HandleFunc("GET /sandbox/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sandbox", http.StatusMovedPermanently)
	})
	s.sandbox.HandleFunc("POST /sandbox/do", s.do)
	twins := map[string]func() any{
		"app":      func() any { return org.Snapshot().App },
		"people":   func() any { return org.Snapshot().People },
		"groups":   func() any { return org.Snapshot().Groups },
		"requests": func() any { return org.Requests() },
	}
	for name, twin := range twins {
		s.sandbox.HandleFunc("GET /sandbox/"+name+".json", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, twin()) })
	}
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *oktaSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/sandbox" || strings.HasPrefix(r.URL.Path, "/sandbox/") {
		if s.pages.Admits(w, r) {
			s.sandbox.ServeHTTP(w, r)
		}
		return
	}
	s.org.ServeHTTP(w, r)
}

// withDoor leads people who open a service's bare address in a browser to its
// page. Programs get what the service answers.
func withDoor(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		browser := strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("Authorization") == ""
		if r.URL.Path == "/" && r.Method == http.MethodGet && browser {
			http.Redirect(w, r, "/sandbox", http.StatusFound)
			return
		}
		service.ServeHTTP(w, r)
	})
}

func (s *oktaSite) overview(w http.ResponseWriter, r *http.Request) {
	snap, requests, search := s.org.Snapshot(), s.org.Requests(), r.URL.Query().Get("q")
	slices.Reverse(requests)
	count := map[oktatest.Assigned]int{}
	for _, p := range snap.People {
		count[p.Assigned]++
	}
	s.pages.Show(w, http.StatusOK, "sandbox", "'self'", map[string]any{
		"App": snap.App, "Other": s.other, "Done": strings.ReplaceAll(r.URL.Query().Get("done"), "_", " "),
		"Direct": count[oktatest.ByName], "ThroughGroup": count[oktatest.ThroughGroup], "Statuses": oktatest.UserStatuses(),
		"Search": search,
		"People": pages.First(pages.Matching(snap.People, search, func(p oktatest.PersonState) []string {
			return append([]string{p.Login, p.Email, p.FirstName, p.LastName, p.Status, p.Group}, p.Roles...)
		})),
		"Groups":   pages.First(pages.Matching(snap.Groups, search, func(g oktatest.GroupState) []string { return append([]string{g.Name}, g.Members...) })),
		"Requests": pages.First(requests),
	})
}

// do takes an event as JSON, which no form of another site can send, or as a
// form of the page.
func (s *oktaSite) do(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		s.doForm(w, r)
		return
	}
	var e Event
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		http.Error(w, "the event is not understood: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := do(s.org, e); err != nil {
		http.Error(w, said(err), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// doForm takes a form; a button may bring fields of its own in its address.
func (s *oktaSite) doForm(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	f := r.Form
	e := Event{
		Event: f.Get("event"), User: strings.TrimSpace(f.Get("user")), Group: f.Get("group"), To: f.Get("to"), First: f.Get("first"), Last: f.Get("last"),
		Roles: strings.FieldsFunc(f.Get("roles"), func(r rune) bool { return r == ',' || r == ' ' }),
	}
	if err := do(s.org, e); err != nil {
		s.pages.Message(w, http.StatusUnprocessableEntity, "That did not work", said(err))
		return
	}
	http.Redirect(w, r, "/sandbox?"+url.Values{"done": {e.Event}}.Encode(), http.StatusSeeOther)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is its own affair
}
