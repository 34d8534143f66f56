package view

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

//go:embed html
var htmlFiles embed.FS

// dress is what all documents in HTML share: the look, and the script that
// searches. Both are inline, and the policy knows them by their hashes alone
// (https://www.w3.org/TR/CSP3/#grammardef-hash-source): nothing else runs, and
// nothing is fetched.
type dress struct {
	Policy        string
	Style, Script template.HTML
}

func newDress() (dress, error) {
	style, err := inline("html/style.css")
	if err != nil {
		return dress{}, err
	}
	script, err := inline("html/script.js")
	if err != nil {
		return dress{}, err
	}
	return dress{
		Policy: "default-src 'none'; style-src " + hashOf(style) + "; script-src " + hashOf(script) + "; img-src data:; base-uri 'none'; form-action 'none'",
		Style:  template.HTML("<style>" + style + "</style>"),    //nolint:gosec // a file of ours
		Script: template.HTML("<script>" + script + "</script>"), //nolint:gosec // a file of ours
	}, nil
}

// inline reads a file as a browser hashes it: whatever a checkout made of its
// lines' ends.
func inline(name string) (string, error) {
	b, err := htmlFiles.ReadFile(name)
	return "\n" + strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// writePage writes one document that needs nothing else. name is its template;
// data is made once the voice is known, and has its rows put into words one by
// one while the page is written.
func writePage(w io.Writer, name string, data func(voice, dress) any) error {
	d, err := newDress()
	if err != nil {
		return fmt.Errorf("read the page's look: %w", err)
	}
	page, err := template.ParseFS(htmlFiles, "html/head.html", "html/"+name)
	if err != nil {
		return fmt.Errorf("parse the page %s: %w", name, err)
	}
	out := &lineWriter{w: w, escaped: escaped{"&#35;", "&#58;"}}
	if err := page.ExecuteTemplate(out, name, data(voiceOn(w, false), d)); err != nil {
		return err
	}
	return out.flush()
}

// inHTML escapes a text as html/template does.
func inHTML(s string) string {
	return strings.ReplaceAll(template.HTMLEscapeString(s), "+", "&#43;")
}

// longestWord is how long a name or an address may be and still stay on one line.
const longestWord = 64

// inWords escapes a text, and keeps each address in it on one line: one that is
// broken at a hyphen reads as another.
func inWords(s string) string {
	if !strings.Contains(s, "@") {
		return inHTML(s)
	}
	var b strings.Builder
	writeWords(&b, s)
	return b.String()
}

// writeWords is inWords into b.
func writeWords(b *strings.Builder, s string) {
	first := true
	for word := range strings.SplitSeq(s, " ") {
		if !first {
			b.WriteByte(' ')
		}
		first = false
		if strings.Contains(word, "@") && utf8.RuneCountInString(word) <= longestWord {
			b.WriteString(`<span class="w">`)
			b.WriteString(inHTML(word))
			b.WriteString(`</span>`)
		} else {
			b.WriteString(inHTML(word))
		}
	}
}

// classOf is the look of a tone.
func classOf(t tone) string {
	return [...]string{toneChange: "change", toneAdd: "add", toneCut: "cut", toneKnown: "known"}[t]
}
