package attiotest

import (
	"bytes"
	"crypto/subtle"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"sync"
)

//go:embed html
var htmlFiles embed.FS

// pages are the HTML pages: no script, no frame, no cache, everything escaped
// by html/template.
type pages struct {
	templates *template.Template
	css       []byte
}

// loadPages parses the embedded pages, once a process.
var loadPages = sync.OnceValues(func() (*pages, error) { //nolint:gochecknoglobals // never changes
	t, err := template.ParseFS(htmlFiles, "html/*.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	css, err := htmlFiles.ReadFile("html/attio.css")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return &pages{templates: t, css: css}, nil
})

func (p *pages) serveCSS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(p.css)
}

// csrfCookie holds the token that forms repeat (double submit).
const csrfCookie = "attio_csrf"

// cookie is kept from scripts and from other sites' requests.
func cookie(r *http.Request, name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	}
}

// show renders a page with its CSRF token. formAction is where its forms may lead.
func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, name, formAction string, data map[string]any) {
	token := ""
	if c, err := r.Cookie(csrfCookie); err == nil && len(c.Value) == 64 {
		token = c.Value
	} else {
		token = secret()
		http.SetCookie(w, cookie(r, csrfCookie, token))
	}
	data["CSRF"] = token
	p.render(w, status, name, formAction, data)
}

// message renders a page that says one thing.
func (p *pages) message(w http.ResponseWriter, status int, title, text string) {
	p.render(w, status, "message", "'none'", map[string]any{"Title": title, "Text": text})
}

func (p *pages) render(w http.ResponseWriter, status int, name, formAction string, data map[string]any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name+".html", data); err != nil {
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

// genuine says whether a form came from a page of ours, and answers if not.
func (p *pages) genuine(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		p.message(w, http.StatusBadRequest, "The form cannot be read", "Go back and try again.")
		return false
	}
	c, err := r.Cookie(csrfCookie)
	if err != nil || c.Value == "" || subtle.ConstantTimeCompare([]byte(c.Value), []byte(r.PostForm.Get("csrf"))) != 1 {
		p.message(w, http.StatusForbidden, "This form is not from here",
			"The form was not opened on this site, or cookies are off. Go back, load the page again, and repeat.")
		return false
	}
	return true
}
