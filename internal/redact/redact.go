// Package redact takes secrets out of texts, in every form in which a service, a
// proxy or a library may write them. It has to see a text before anything cuts
// it: half of a secret is not found any more.
package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// least is the length below which a text is no secret but a word that may stand
// anywhere.
const least = 8

// Mark stands where a secret stood.
const Mark = "(secret)"

// Secrets are texts that must not be told. The zero value has none; it is safe
// for concurrent use.
type Secrets struct {
	mu     sync.RWMutex
	known  map[string]bool
	words  []string // the longest first
	starts *starts  // of the words
}

// Add makes texts secret. Of a text of several lines, such as a key, each line is
// one.
func (s *Secrets) Add(secrets ...string) {
	for _, secret := range secrets {
		if s.has(secret) {
			continue
		}
		s.mu.Lock()
		if s.known == nil {
			s.known = map[string]bool{}
		}
		s.known[secret] = true
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= least && !strings.HasPrefix(line, "-----") {
				s.words = append(s.words, Forms(line)...)
			}
		}
		slices.SortStableFunc(s.words, func(a, b string) int { return len(b) - len(a) })
		s.words = slices.Compact(s.words)
		s.starts = startsOf(s.words)
		s.mu.Unlock()
	}
}

func (s *Secrets) has(secret string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known[secret]
}

// Clean is the text with a mark in the place of each secret.
func (s *Secrets) Clean(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !holds(text, s.words, s.starts) {
		return text
	}
	for _, w := range s.words {
		text = strings.ReplaceAll(text, w, Mark)
	}
	return text
}

// CleanBytes is Clean; a text without a secret is given back as it is.
func (s *Secrets) CleanBytes(text []byte) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !holds(text, s.words, s.starts) {
		return text
	}
	for _, w := range s.words {
		if word := []byte(w); bytes.Contains(text, word) {
			text = bytes.ReplaceAll(text, word, []byte(Mark))
		}
	}
	return text
}

// CleanHeader takes the secrets out of a header in its place.
func (s *Secrets) CleanHeader(h http.Header) {
	if s.empty() {
		return
	}
	for _, values := range h {
		for i, v := range values {
			if len(v) >= least {
				values[i] = s.Clean(v)
			}
		}
	}
}

func (s *Secrets) empty() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.words) == 0
}

// Forms are the ways in which a secret may be written: as it is, within JSON, in
// an address (RFC 3986: what has to be escaped, all but letters and digits, or
// everything), in hexadecimal digits, and in base64 (RFC 4648), in which it
// may begin in the middle of another text's three bytes.
func Forms(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string always encodes
	digits := hex.EncodeToString([]byte(secret))
	texts := []string{secret, strings.Trim(string(quoted), `"`), digits, strings.ToUpper(digits)}
	for _, escaped := range []string{url.QueryEscape(secret), url.PathEscape(secret), percent(secret, false), percent(secret, true)} {
		texts = append(texts, escaped, lowerEscapes(escaped))
	}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			text := alphabet.EncodeToString(append(make([]byte, before), secret...))
			// What other bytes have a share in is not the secret's alone.
			texts = append(texts, text[(before*8+5)/6:(before+len(secret))*8/6])
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// percent escapes all of a secret, or all but its letters and digits.
func percent(secret string, all bool) string {
	var b strings.Builder
	for _, c := range []byte(secret) {
		letter := '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if letter && !all {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// lowerEscapes writes the digits of escapes in lower case, which others may do.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], bytes.ToLower(b[i+1:i+3]))
			i += 2
		}
	}
	return string(b)
}
