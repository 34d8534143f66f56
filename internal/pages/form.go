package pages

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
)

// tokenLength is that of a form's token in hexadecimal digits.
const tokenLength = 64

// Cookie is kept from scripts and from other sites' requests.
func Cookie(r *http.Request, name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	}
}

// token gives what forms repeat (double submit), and makes it where the
// browser has none yet.
func (s *Set) token(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(s.cookie); err == nil && len(c.Value) == tokenLength {
		return c.Value
	}
	b := make([]byte, tokenLength/2)
	_, _ = rand.Read(b) // never fails
	token := hex.EncodeToString(b)
	http.SetCookie(w, Cookie(r, s.cookie, token))
	return token
}

// Genuine says whether a form came from a page of ours, and answers if not.
func (s *Set) Genuine(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		s.Message(w, http.StatusBadRequest, "The form cannot be read", "Go back and try again.")
		return false
	}
	c, err := r.Cookie(s.cookie)
	if err != nil || c.Value == "" || subtle.ConstantTimeCompare([]byte(c.Value), []byte(r.PostForm.Get("csrf"))) != 1 {
		s.Message(w, http.StatusForbidden, "This form is not from here",
			"The form was not opened on this site, or cookies are off. Go back, load the page again, and repeat.")
		return false
	}
	return true
}
