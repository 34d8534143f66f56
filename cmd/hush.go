package cmd

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"sync"

	"scim-sync/config"
)

// hush knows the secrets of this run and takes them out of everything that is
// written to the process's streams: a last net below the rule that nothing
// puts a secret into a text at all.
type hush struct {
	mu    sync.RWMutex
	words [][]byte
}

// leastSecret: shorter texts are words that may stand anywhere.
const leastSecret = 8

// add makes texts secret, in the forms in which they may be written. Of a text
// of several lines (a key) each line is one.
func (h *hush) add(secrets ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			line = strings.TrimSpace(line)
			if len(line) < leastSecret || strings.HasPrefix(line, "-----") {
				continue
			}
			quoted, _ := json.Marshal(line) // a string always encodes
			for _, form := range []string{line, url.QueryEscape(line), strings.Trim(string(quoted), `"`)} {
				if word := []byte(form); !h.has(word) {
					h.words = append(h.words, word)
				}
			}
		}
	}
}

func (h *hush) has(word []byte) bool {
	for _, have := range h.words {
		if bytes.Equal(have, word) {
			return true
		}
	}
	return false
}

// addSettings makes the settings' own secrets secret.
func (h *hush) addSettings(c *config.Settings) { h.add(secretsOf(c)...) }

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

func (h *hush) clean(text []byte) []byte {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, word := range h.words {
		if bytes.Contains(text, word) {
			text = bytes.ReplaceAll(text, word, []byte("(secret)"))
		}
	}
	return text
}

// over puts the sieve over a stream. What a terminal is stays visible.
func (h *hush) over(w io.Writer) io.Writer {
	n := sieve{w: w, hush: h}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return terminalSieve{n, f}
	}
	return n
}

// sieve writes what is left of a text without its secrets.
type sieve struct {
	w    io.Writer
	hush *hush
}

func (n sieve) Write(text []byte) (int, error) {
	if _, err := n.w.Write(n.hush.clean(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

type terminalSieve struct {
	sieve
	file interface{ Fd() uintptr }
}

// Fd is that of the stream itself.
func (t terminalSieve) Fd() uintptr { return t.file.Fd() }
