package attiotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/internal/pages"
)

func isSandbox(path string) bool { return path == "/sandbox" || strings.HasPrefix(path, "/sandbox/") }

// Event is a change made by hand, as POST /sandbox/do takes it. Which fields
// count depends on the event.
type Event struct {
	Event      string   `json:"event"`
	Email      string   `json:"email,omitempty"`
	NewEmail   string   `json:"new_email,omitempty"`
	GivenName  string   `json:"given_name,omitempty"`
	FamilyName string   `json:"family_name,omitempty"`
	Role       Role     `json:"role,omitempty"`
	Status     Status   `json:"status,omitempty"`
	Expert     bool     `json:"expert,omitempty"`
	Team       string   `json:"team,omitempty"`
	NewName    string   `json:"new_name,omitempty"`
	Members    []string `json:"members,omitempty"` // emails
	Plan       string   `json:"plan,omitempty"`
	Seats      int      `json:"seats,omitempty"`
	Automatic  bool     `json:"automatic,omitempty"`
	Domains    []string `json:"domains,omitempty"`
	Token      string   `json:"token,omitempty"`
}

// Do makes a change by hand; the events are the methods of Server in lower
// snake case.
func (s *Server) Do(e Event) error {
	do := map[string]func() error{
		"accept_invite":        func() error { return s.AcceptInvite(e.Email) },
		"decline_invite":       func() error { return s.DeclineInvite(e.Email) },
		"revoke_invite":        func() error { return s.RevokeInvite(e.Email) },
		"expire_invite":        func() error { return s.ExpireInvite(e.Email) },
		"resend_invite":        func() error { return s.ResendInvite(e.Email) },
		"set_role":             func() error { return s.SetRole(e.Email, e.Role) },
		"suspend":              func() error { return s.Suspend(e.Email) },
		"reactivate":           func() error { return s.Reactivate(e.Email) },
		"rename_person":        func() error { return s.RenamePerson(e.Email, e.GivenName, e.FamilyName) },
		"change_email":         func() error { return s.ChangeEmail(e.Email, e.NewEmail) },
		"end_sessions":         func() error { return s.EndSessions(e.Email) },
		"start_session":        func() error { return s.StartSession(e.Email) },
		"create_team":          func() error { return s.CreateTeam(e.Team, e.Members...) },
		"rename_team":          func() error { return s.RenameTeam(e.Team, e.NewName) },
		"delete_team":          func() error { return s.DeleteTeam(e.Team) },
		"add_team_member":      func() error { return s.AddTeamMember(e.Team, e.Email) },
		"remove_team_member":   func() error { return s.RemoveTeamMember(e.Team, e.Email) },
		"set_plan":             func() error { return s.SetPlan(e.Plan) },
		"set_seats":            func() error { return s.SetSeats(e.Seats, e.Automatic) },
		"set_verified_domains": func() error { return s.SetVerifiedDomains(e.Domains...) },
		"revoke_token":         func() error { return s.RevokeToken(e.Token) },
		"revoke_tokens":        s.RevokeTokens,
		"add_member": func() error {
			return s.AddMember(Member{Email: e.Email, GivenName: e.GivenName, FamilyName: e.FamilyName, Role: e.Role, Status: e.Status, Expert: e.Expert})
		},
	}[e.Event]
	if do == nil {
		return &UnknownError{"event", e.Event}
	}
	return do()
}

// routeSandbox serves the overview, its JSON twins and changes by hand. These
// pages are neither logged, limited nor observed.
func (s *Server) routeSandbox() {
	s.sandbox.HandleFunc("GET /sandbox", s.overview)
	s.sandbox.HandleFunc("GET "+pages.StylePath, s.pages.ServeStyle)
	s.sandbox.HandleFunc("GET /sandbox/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sandbox", http.StatusMovedPermanently)
	})
	twins := map[string]func() any{
		"workspace": func() any { return s.Snapshot().Workspace },
		"members":   func() any { return s.Snapshot().Members },
		"teams":     func() any { return s.Snapshot().Teams },
		"outbox":    func() any { return notNil(s.Outbox()) },
		"sessions":  func() any { return notNil(s.Sessions()) },
		"requests":  func() any { return notNil(s.Requests()) },
	}
	for name, twin := range twins {
		s.sandbox.HandleFunc("GET /sandbox/"+name+".json", func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, twin())
		})
	}
	s.sandbox.HandleFunc("POST /sandbox/do", s.do)
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// do takes an event as JSON, which no form of another site can send, or as a
// form of the overview.
func (s *Server) do(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		s.doForm(w, r)
		return
	}
	var e Event
	body, err := io.ReadAll(r.Body)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		err = d.Decode(&e)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if err := s.Do(e); err != nil {
		writeJSON(w, eventStatus(err), map[string]string{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]bool{"ok": true})
}

func eventStatus(err error) int {
	var unknown *UnknownError
	var refused *Refusal
	switch {
	case errors.As(err, &unknown):
		return http.StatusNotFound
	case errors.As(err, &refused):
		return refused.Status
	}
	return http.StatusBadRequest
}

func (s *Server) doForm(w http.ResponseWriter, r *http.Request) {
	if !s.pages.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	e := Event{
		Event: f.Get("event"), Email: f.Get("email"), NewEmail: f.Get("new_email"), GivenName: f.Get("given_name"),
		FamilyName: f.Get("family_name"), Role: Role(f.Get("role")), Team: f.Get("team"), NewName: f.Get("new_name"),
		Plan: f.Get("plan"), Automatic: f.Get("automatic") != "",
	}
	if text := f.Get("seats"); text != "" {
		n, err := number(text, 0)
		if err != nil {
			s.pages.Message(w, http.StatusBadRequest, "That did not work", "The number of seats has to be a whole number.")
			return
		}
		e.Seats = n
	}
	if err := s.Do(e); err != nil {
		s.pages.Message(w, eventStatus(err), "That did not work", err.Error())
		return
	}
	http.Redirect(w, r, "/sandbox?"+url.Values{"done": {e.Event}}.Encode(), http.StatusSeeOther)
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	snap := s.Snapshot()
	requests, sessions := s.Requests(), s.Sessions()
	written, search := lastRun(requests), r.URL.Query().Get("q")
	members := pages.Matching(snap.Members, search, func(m MemberState) []string {
		return []string{m.Email, m.GivenName, m.FamilyName, string(m.Role), string(m.Status)}
	})
	teams := pages.Matching(snap.Teams, search, func(t TeamState) []string { return append([]string{t.Name}, t.Members...) })
	slices.Reverse(requests)
	slices.Reverse(snap.Outbox)
	s.pages.Show(w, http.StatusOK, "sandbox", "'self'", map[string]any{
		"Workspace": snap.Workspace, "Other": s.other, "Done": strings.ReplaceAll(r.URL.Query().Get("done"), "_", " "),
		"Search": search, "Written": func(id, name string) bool { return written[id] || written[name] || written[strings.ToLower(name)] },
		"Members": pages.First(members), "Teams": pages.First(teams), "Outbox": pages.First(snap.Outbox),
		"Sessions": pages.First(sessions), "Requests": pages.First(requests),
	})
}
