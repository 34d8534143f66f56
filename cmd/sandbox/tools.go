package sandbox

import (
	"context"
	"net/http"
	"sync/atomic"

	"scim-sync/internal/pages"
)

// side is a service as it is now, with what both have: a way to begin anew, and a
// plan to look at.
type side struct {
	now         atomic.Pointer[http.Handler]
	pages       *pages.Set
	okta, attio string // addresses of both pages
	reset       func() error
	plan        func(ctx context.Context, format string) (text []byte, ok bool) // nil: there is none
}

// look gives a side its pages.
func (s *side) look() (err error) {
	s.pages, err = pages.New("tools", htmlFiles)
	return err
}

func (s *side) set(h http.Handler) { s.now.Store(&h) }

// ServeHTTP implements http.Handler.
func (s *side) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	plans := s.plan != nil && r.Method == http.MethodGet
	switch {
	case r.URL.Path == pages.ResetPath && r.Method == http.MethodPost:
		if s.pages.Admits(w, r) {
			s.anew(w, r)
		}
	case r.URL.Path == "/sandbox/plan" && plans:
		if s.pages.Admits(w, r) {
			text, _ := s.plan(r.Context(), "text")
			s.showPlan(w, text)
		}
	case r.URL.Path == "/sandbox/plan.html" && plans:
		if s.pages.Admits(w, r) {
			s.planPage(w, r)
		}
	default:
		(*s.now.Load()).ServeHTTP(w, r)
	}
}

func (s *side) showPlan(w http.ResponseWriter, text []byte) {
	s.pages.Show(w, http.StatusOK, "plan", "'none'", map[string]any{"Okta": s.okta, "Attio": s.attio, "Text": string(text)})
}

// planPage answers with the plan as it is written for a review: a page with a policy
// of its own.
func (s *side) planPage(w http.ResponseWriter, r *http.Request) {
	page, ok := s.plan(r.Context(), "html")
	if !ok {
		s.showPlan(w, page)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(page)
}

func (s *side) anew(w http.ResponseWriter, r *http.Request) {
	if err := s.reset(); err != nil {
		s.pages.Message(w, http.StatusInternalServerError, "That did not work", err.Error())
		return
	}
	http.Redirect(w, r, "/sandbox?done=reset", http.StatusSeeOther)
}
