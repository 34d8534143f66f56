package planner

import (
	"net/mail"
	"strings"
	"unicode"
)

// validEmail takes what one can send an invitation to: one bare address with
// a domain of at least two labels.
func validEmail(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 320 || strings.ContainsAny(s, "<> ,;\"\\") || strings.ContainsFunc(s, unseen) {
		return false
	}
	if everyday(s) {
		return true
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	_, domain, ok := strings.Cut(s, "@")
	return ok && strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}

// everyday says whether an address is of letters, digits, and . _ + - where
// those may stand: nearly all are, and nothing need be parsed to know that they
// are valid.
func everyday(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || !strings.Contains(domain, ".") || !dotted(local, "_+-") {
		return false
	}
	return dotted(domain, "-")
}

// dotted says whether a text is words of letters, digits and others, with
// single dots between.
func dotted(s, others string) bool {
	last := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.' && last == '.':
			return false
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', strings.IndexByte(others, c) >= 0:
		default:
			return false
		}
		last = c
	}
	return last != '.'
}

// unseen says whether a character shows as nothing, or makes others show
// differently from what they are.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}
