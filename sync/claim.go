package sync

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"scim-sync/attio"
)

// claimByEmail ties those who are not tied yet to a place of the same
// address. Two identities for one address are shown, never guessed between.
func (d *diff) claimByEmail() {
	d.wanting = map[string][]*subject{}
	tied := map[string]*subject{} // folded address → whose it is by state
	for _, s := range d.subjects {
		if s.managed && s.entry.Email != "" {
			tied[attio.FoldEmail(s.entry.Email)] = s
		}
		if s.want == in && s.person != nil {
			e := attio.FoldEmail(s.person.Email)
			d.wanting[e] = append(d.wanting[e], s)
		}
	}
	for _, s := range d.subjects {
		if s.want != in {
			continue
		}
		e := attio.FoldEmail(s.person.Email)
		switch {
		case !validEmail(s.person.Email):
			d.invalidEmail(s)
		case s.member >= 0:
			// Tied already; a wish for another's address is settled with the change itself.
		default:
			d.claim(s, e, d.wanting[e], tied[e])
		}
	}
	for _, s := range d.subjects {
		if s.want != in && s.member < 0 && s.person != nil && s.entry.OktaID == "" {
			d.findByEmail(s, s.person.Email) // known to be no stranger; nothing more
		}
	}
}

func (d *diff) claim(s *subject, email string, wanting []*subject, tied *subject) {
	other := tied
	if other == s {
		other = nil
	}
	for _, w := range wanting {
		if other == nil && w != s {
			other = w
		}
	}
	for _, i := range d.byEmail[email] {
		if c := d.claimed[i]; c != nil && c != s && other == nil && !c.entry.Released {
			other = c
		}
	}
	if other != nil {
		d.conflict(s, other)
		return
	}
	d.takeOver(email)
	d.findByEmail(s, email)
}

// takeOver frees the places of released people: letting go of the old tie is
// what lets an address pass to another identity.
func (d *diff) takeOver(email string) {
	for _, i := range d.byEmail[email] {
		if c := d.claimed[i]; c != nil && c.entry.Released {
			c.member, d.claimed[i] = -1, nil
		}
	}
}

func (d *diff) conflict(s, other *subject) {
	s.want = leave
	remedy := "Give one of them another address in Okta."
	if other.managed && attio.FoldEmail(other.entry.Email) == attio.FoldEmail(s.email()) {
		remedy = fmt.Sprintf("Give one of them another address in Okta; or, if the account may pass to %s, let go of the old tie: scim-sync release %s", s.id, Quote(other.entry.Email))
	}
	d.refuse([]string{s.id, other.id}, "email-conflict", s.email(),
		fmt.Sprintf("Okta person %s has the address of Okta person %s%s", s.id, other.id, d.tiedWords(other, s.email())), remedy)
}

func (d *diff) tiedWords(o *subject, email string) string {
	switch m := d.at(o); {
	case !o.managed:
		return ""
	case m != nil && attio.FoldEmail(m.Email) != attio.FoldEmail(email):
		return ", who is " + m.Email + " in Attio"
	}
	return ", who is already tied to it in Attio"
}

func (d *diff) invalidEmail(s *subject) {
	who := strings.TrimSpace(s.person.UserName)
	if who == "" {
		who = s.id
	}
	what := "has no email address in Okta"
	if s.person.Email != "" {
		what = "has an address in Okta that is none: " + s.person.Email
	}
	d.note("invalid-email", who, what+" ("+s.id+"): left as they are")
	s.want = leave
}

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

// Quote makes a name safe and pasteable in a POSIX shell.
func Quote(s string) string {
	safe := s != ""
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-", r) {
			safe = false
		}
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
