package auth

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"

	"scim-sync/internal/shown"
)

// Page is what the browser shows at the end of a sign-in. Everything in it is
// escaped, and what would turn the writing around or hide becomes visible.
type Page struct {
	Good  bool
	Title string
	Name  string // that the title ends with; may be empty
	Text  string
	// Facts are shown in a list: name and value.
	Facts [][2]string
	// Next says what to do now; may be empty.
	Next string
}

//go:embed page.css
var pageCSS string

//go:embed page.html
var pageHTML string

// render writes a page. It has no script and loads nothing: the policy allows
// its own style sheet alone.
func render(w http.ResponseWriter, status int, p Page) {
	var body bytes.Buffer
	t, err := template.New("page").Funcs(shown.Funcs()).Parse(pageHTML)
	if err == nil {
		err = t.Execute(&body, struct {
			Page
			CSS template.CSS
		}{p, template.CSS(pageCSS)}) //nolint:gosec // our own file
	}
	if err != nil {
		http.Error(w, p.Title+"\n\n"+p.Text, status)
		return
	}
	sum := sha256.Sum256([]byte(pageCSS))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the code
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that went away is no concern
}
