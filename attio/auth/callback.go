package auth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"scim-sync/attio"
)

// answer is what the browser came back with.
type answer struct {
	query url.Values
	reply chan Page // nil: it was pasted
}

// ServeHTTP answers the browser that comes back. It takes one answer, holds
// the browser until [SignIn.Show], and refuses everything else.
func (s *SignIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case r.URL.Path != s.path:
		render(w, http.StatusNotFound, Page{Title: "Nothing here", Text: "scim-sync waits here for a sign-in to Attio, at another address."})
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		render(w, http.StatusMethodNotAllowed, Page{Title: "Nothing here", Text: "Only a browser coming back from Attio is answered."})
		return
	case !answers(query):
		render(w, http.StatusBadRequest, Page{Title: "Nothing was brought", Text: "This address is for the way back from Attio. Open the address that scim-sync printed."})
		return
	case !s.taken.CompareAndSwap(false, true):
		render(w, http.StatusGone, Page{Title: "This sign-in is over", Text: "It was answered before. You can close this page; the terminal says how it ended."})
		return
	}
	reply := make(chan Page, 1)
	s.answers <- answer{query, reply}
	select {
	case p := <-reply:
		status := http.StatusOK
		if !p.Good {
			status = http.StatusForbidden
		}
		render(w, status, p)
	case <-r.Context().Done():
	}
}

// answers says whether a query is one that Attio sends back: a code, or an
// error.
func answers(q url.Values) bool { return q.Get("code") != "" || q.Get("error") != "" }

// Paste hands in the address that the browser was sent to, for a browser on
// another machine. What cannot be one is an error, and the sign-in goes on.
func (s *SignIn) Paste(text string) error {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	_, query, ok := strings.Cut(text, "?")
	if !ok {
		query = text // the query alone, as some terminals cut it
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	switch {
	case err != nil || !answers(values):
		return errors.New("that is not the address that the browser ended at: it would hold code= and state=")
	case !s.taken.CompareAndSwap(false, true):
		return errors.New("this sign-in was answered already")
	}
	s.answers <- answer{query: values}
	return nil
}

// codeOf checks an answer and gives its code.
func (s *SignIn) codeOf(q url.Values) (string, error) {
	state, refused := q.Get("state"), q.Get("error")
	for _, name := range []string{"code", "state", "error"} {
		if len(q[name]) > 1 {
			// RFC 6749 section 3.1.
			return "", notSignedIn("the answer holds "+name+" twice, and was not believed", "Run scim-sync login again.")
		}
	}
	if state != s.state && (state != "" || refused == "" || q.Get("code") != "") {
		return "", notSignedIn("the answer has another state than this sign-in, and was not believed: it comes from an earlier sign-in, or from somebody else",
			"Nothing was stored. Run scim-sync login again, and confirm in the page that it opens.")
	}
	if refused != "" {
		return "", refusedConsent(refused, q.Get("error_description"))
	}
	return q.Get("code"), nil
}

// refusedConsent words an error that Attio sent the browser back with
// (RFC 6749 section 4.1.2.1).
func refusedConsent(code, description string) error {
	code = plain(code, 60)
	detail := code
	if d := strings.TrimSuffix(plain(description, 200), "."); d != "" {
		detail += ": " + d
	}
	switch code {
	case "access_denied":
		return notSignedIn("the consent was refused in the browser ("+detail+")", "Nothing was stored. To allow it, run scim-sync login again and choose Confirm; it takes an admin of the workspace.")
	case "server_error", "temporarily_unavailable":
		return &attio.Error{Kind: attio.Unavailable, Op: op, Detail: "Attio could not answer (" + detail + ")", Hint: "Nothing was stored. Run scim-sync login again later."}
	}
	return notSignedIn("Attio refused the sign-in ("+detail+")",
		"Check the app at build.attio.com: its client id (attio.oauth.client_id), its redirect address, and that user_management:read-write is ticked under Scopes.")
}
