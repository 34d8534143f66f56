package auth

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"scim-sync/attio"
	"scim-sync/internal/pages"
)

// answer is what the browser came back with.
type answer struct {
	query url.Values
	reply chan Page // nil: it was pasted
}

// ServeHTTP answers the browser that comes back. It takes one answer to this very
// sign-in, holds the browser until [SignIn.Show], and refuses everything else,
// which ends nothing.
func (s *SignIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case !pages.OwnHost(r.Host):
		render(w, http.StatusMisdirectedRequest, Page{Title: "Nothing here", Text: "scim-sync is answered under the address of this machine alone."})
		return
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
	case !s.belongs(query):
		render(w, http.StatusBadRequest, Page{Title: "Not the answer to this sign-in",
			Text: "It has another state than the sign-in that scim-sync waits for: it comes from an earlier one, or from somebody else. Nothing was done. Open the address that scim-sync printed."})
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

// belongs says whether a query answers this sign-in and no other: its state is
// there once and is ours (RFC 6749 section 10.12). Anything on this machine, and
// any page that is open in the browser, may call the address.
func (s *SignIn) belongs(q url.Values) bool {
	return len(q["state"]) == 1 && subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(s.state)) == 1
}

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
	case !s.belongs(values):
		return errors.New("that address has another state than this sign-in: it comes from an earlier one, or from somebody else")
	case !s.taken.CompareAndSwap(false, true):
		return errors.New("this sign-in was answered already")
	}
	s.answers <- answer{query: values}
	return nil
}

// codeOf gives the code of an answer to this sign-in.
func codeOf(q url.Values) (string, error) {
	if refused := q.Get("error"); refused != "" {
		return "", refusedConsent(refused, q.Get("error_description"))
	}
	if len(q["code"]) > 1 { // RFC 6749 section 3.1
		return "", notSignedIn("the answer holds code twice, and was not believed", "Run scim-sync login again.")
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
