package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"scim-sync/config"
)

// redactor knows the secrets of this run and takes them out of everything that
// is written to the process's streams: a last net below the rule that nothing
// puts a secret into a text at all.
type redactor struct {
	mu    sync.RWMutex
	words [][]byte
}

// leastSecret: shorter texts are words that may stand anywhere.
const leastSecret = 8

// add makes texts secret, in the forms in which they may be written. Of a text
// of several lines (a key) each line is one.
func (r *redactor) add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			line = strings.TrimSpace(line)
			if len(line) < leastSecret || strings.HasPrefix(line, "-----") {
				continue
			}
			quoted, _ := json.Marshal(line) // a string always encodes
			for _, form := range []string{line, url.QueryEscape(line), strings.Trim(string(quoted), `"`)} {
				if word := []byte(form); !r.has(word) {
					r.words = append(r.words, word)
				}
			}
		}
	}
}

func (r *redactor) has(word []byte) bool {
	return slices.ContainsFunc(r.words, func(have []byte) bool { return bytes.Equal(have, word) })
}

// secretsOf lists the secrets that the settings hold.
func secretsOf(c *config.Settings) []string {
	var list []string
	for _, s := range []config.Secret{c.Okta.APIToken, c.Okta.ServiceApp.PrivateKey, c.Attio.Token, c.Attio.OAuth.ClientSecret} {
		if s.Given() {
			list = append(list, s.Reveal())
		}
	}
	return append(list, c.State.URL.Secrets()...)
}

func (r *redactor) clean(text []byte) []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, word := range r.words {
		if bytes.Contains(text, word) {
			text = bytes.ReplaceAll(text, word, []byte("(secret)"))
		}
	}
	return text
}

// over filters a stream. What a terminal is stays visible.
func (r *redactor) over(w io.Writer) io.Writer {
	filtered := redactWriter{w, r}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return redactTerminal{filtered, f}
	}
	return filtered
}

// redactWriter writes what is left of a text without its secrets.
type redactWriter struct {
	w io.Writer
	r *redactor
}

func (f redactWriter) Write(text []byte) (int, error) {
	if _, err := f.w.Write(f.r.clean(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

type redactTerminal struct {
	redactWriter
	file interface{ Fd() uintptr }
}

// Fd is that of the stream itself.
func (t redactTerminal) Fd() uintptr { return t.file.Fd() }

// withoutSecrets leaves the settings and their secrets out of an environment,
// where they may stand in other variables too.
func withoutSecrets(environ []string, c *config.Settings) []string {
	secrets := secretsOf(c)
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "SCIM_SYNC_") || slices.ContainsFunc(secrets, func(s string) bool {
			return value == s || len(s) >= leastSecret && strings.Contains(value, s)
		})
	})
}
