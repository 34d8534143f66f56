package sandbox

import (
	"embed"
	"encoding/json"
	"net/http"
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
	snap, requests := s.org.Snapshot(), s.org.Requests()
	slices.Reverse(requests)
	count := map[oktatest.Assigned]int{}
	for _, p := range snap.People {
		count[p.Assigned]++
	}
	s.pages.Show(w, http.StatusOK, "sandbox", "'self'", map[string]any{
		"App": snap.App, "Other": s.other, "Done": strings.ReplaceAll(r.URL.Query().Get("done"), "_", " "),
		"Direct": count[oktatest.ByName], "ThroughGroup": count[oktatest.ThroughGroup], "Statuses": oktatest.UserStatuses(),
		"People": pages.First(snap.People), "Groups": pages.First(snap.Groups), "Requests": pages.First(requests),
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is its own affair
}
