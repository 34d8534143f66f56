package pages

import "net/http"

// Cookie is kept from scripts and from other sites' requests.
func Cookie(r *http.Request, name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	}
}

// ReadForm reads a form of a page, and answers if that cannot be done. That it
// comes from a page of ours is for [Set.Admits] to say.
func (s *Set) ReadForm(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		s.Message(w, http.StatusBadRequest, "The form cannot be read", "Go back and try again.")
		return false
	}
	return true
}
