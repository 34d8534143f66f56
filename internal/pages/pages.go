// Package pages shows the pages of the services that the sandbox serves: one
// look, no script, no frame, no cache, everything escaped, names fit to be shown
// ("clean" and "shown" of the templates), and forms that only a page of the same
// service can send.
package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"scim-sync/internal/shown"
)

// look is what the pages of every service share.
//
//go:embed look
var look embed.FS

// StylePath is where a service serves the style sheet: every page asks for it.
const StylePath = "/sandbox/style.css"

// Set is the pages of one service.
type Set struct {
	templates *template.Template
	css       []byte
}

// New parses the pages of a service out of its own html files. They may use
// the templates "head", "brand", "fewer", "fewer-last" and "other", and have
// to define "service", its name, and "mark", its sign.
func New(name string, files fs.FS) (*Set, error) {
	t, err := template.New(name).Funcs(shown.Funcs()).ParseFS(look, "look/*.html")
	if err == nil {
		t, err = t.ParseFS(files, "html/*.html")
	}
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	css, err := look.ReadFile("look/style.css")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return &Set{templates: t, css: css}, nil
}

// Other is the page of another service. Plan is where a page shows what a plan says
// of both; Resets: this service takes a wish to begin anew at POST [ResetPath].
// Empty and false: there is none.
type Other struct {
	Name, Address string
	Plan          string
	Resets        bool
}

// ResetPath is where a service takes the wish to begin anew.
const ResetPath = "/sandbox/reset"

// ServeStyle answers with the style sheet.
func (s *Set) ServeStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.css)
}

// Message renders a page that says one thing.
func (s *Set) Message(w http.ResponseWriter, status int, title, text string) {
	s.Show(w, status, "message", "'none'", map[string]any{"Title": title, "Text": text})
}

// Show renders a page. formAction is where its forms may lead.
func (s *Set) Show(w http.ResponseWriter, status int, name, formAction string, data map[string]any) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name+".html", data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
