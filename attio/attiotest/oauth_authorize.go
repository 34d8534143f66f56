package attiotest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scim-sync/internal/pages"
)

// routeOAuth serves the sign-in and consent pages
// (https://docs.attio.com/docs/oauth/authorize) and the token endpoints.
func (s *Server) routeOAuth() {
	s.mux.HandleFunc("GET /authorize", s.authorizePage)
	s.mux.HandleFunc("POST /authorize", s.decide)
	s.mux.HandleFunc("POST /sign-in", s.signIn)
	s.mux.HandleFunc("POST /sign-out", s.signOut)
	s.mux.HandleFunc("POST /oauth/token", s.redeemToken)
	s.mux.HandleFunc("POST /oauth/introspect", s.introspect)
}

// authorization is an app's request, checked.
type authorization struct {
	app         *App
	redirect    *url.URL // one of the app's, exactly
	redirectURI string
	state       string
	challenge   string
	method      string
	query       url.Values // for coming back after signing in
}

// noRedirectError: the request cannot be trusted with a redirect, so that the
// page itself has to say what is wrong (RFC 6749 section 4.1.2.1).
type noRedirectError struct{ title, text string }

func (e *noRedirectError) Error() string { return e.text }

// redirectError goes back to the app.
type redirectError struct{ code, text string }

func (e *redirectError) Error() string { return e.text }

// parseAuthorization checks the parameters of /authorize. The authorization
// is given along with a redirectError.
func (w *world) parseAuthorization(q url.Values) (*authorization, error) {
	a := &authorization{
		app: w.apps[q.Get("client_id")], redirectURI: q.Get("redirect_uri"), state: q.Get("state"),
		challenge: q.Get("code_challenge"), method: q.Get("code_challenge_method"), query: url.Values{},
	}
	for _, k := range []string{"client_id", "response_type", "redirect_uri", "state", "code_challenge", "code_challenge_method"} {
		if q.Has(k) {
			a.query.Set(k, q.Get(k))
		}
	}
	if a.app == nil {
		return nil, &noRedirectError{"Unknown app", "No app is registered under this client_id. Check the client_id in the settings of the program that sent you here."}
	}
	if !slices.Contains(a.app.RedirectURIs, a.redirectURI) {
		return nil, &noRedirectError{"Redirect address not registered", "The redirect_uri has to be exactly one of those registered for " + a.app.Name + ". Add it at build.attio.com, or correct it in the settings of the program that sent you here."}
	}
	var err error
	if a.redirect, err = parseRedirect(a.redirectURI); err != nil {
		return nil, &noRedirectError{"Redirect address not usable", err.Error()}
	}
	if a.method == "" {
		a.method = "plain" // RFC 7636 section 4.3
	}
	switch {
	case q.Get("response_type") != "code":
		return a, &redirectError{"unsupported_response_type", "response_type has to be code"}
	case a.challenge != "" && a.method != "S256" && a.method != "plain":
		return a, &redirectError{"invalid_request", "code_challenge_method has to be S256"}
	}
	return a, nil
}

// parseRedirect takes absolute http and https addresses without a fragment.
func parseRedirect(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "" {
		return nil, fmt.Errorf("the redirect address %q is no absolute http or https address", text)
	}
	return u, nil
}

// back is the app's address with what it is to hear.
func (a *authorization) back(answer url.Values) string {
	u := *a.redirect
	q := u.Query()
	maps.Copy(q, answer)
	if a.state != "" {
		q.Set("state", a.state)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// refuseAuthorization shows or sends back what is wrong with a request.
func (s *Server) refuseAuthorization(w http.ResponseWriter, r *http.Request, a *authorization, err error) {
	var back *redirectError
	var stay *noRedirectError
	switch {
	case errors.As(err, &back):
		http.Redirect(w, r, a.back(url.Values{"error": {back.code}, "error_description": {back.text}}), http.StatusFound)
	case errors.As(err, &stay):
		s.pages.Message(w, http.StatusBadRequest, stay.title, stay.text)
	}
}

// choice is a workspace that the consent page offers.
type choice struct {
	ID, Name, Slug string
	Admin, First   bool
}

// authorizePage serves GET /authorize: sign-in first, then consent.
func (s *Server) authorizePage(w http.ResponseWriter, r *http.Request) {
	a, err := s.world.parseAuthorization(r.URL.Query())
	if err != nil {
		s.refuseAuthorization(w, r, a, err)
		return
	}
	who := s.signedIn(r)
	if who == nil {
		s.signInPage(w, http.StatusOK, a, "", "")
		return
	}
	choices := s.world.choices(who.account)
	s.pages.Show(w, http.StatusOK, "consent", a.formAction(), map[string]any{
		"App": a.app.Name, "Scopes": inWords(a.app.Scopes), "Email": who.account.email, "Choices": choices,
		"CanConfirm": slices.ContainsFunc(choices, func(c choice) bool { return c.Admin }),
		"Request":    a.query.Encode(), "Goes": a.redirect.Host,
	})
}

func (s *Server) signInPage(w http.ResponseWriter, status int, a *authorization, email, problem string) {
	s.pages.Show(w, status, "signin", a.formAction(), map[string]any{
		"App": a.app.Name, "Request": a.query.Encode(), "Email": email, "Problem": problem,
	})
}

// choices are the workspaces in which an account is active, those it may
// decide for first.
func (w *world) choices(acc *account) []choice {
	var admin, plain []choice
	for _, ws := range w.workspaces {
		p := ws.of(acc)
		switch {
		case p == nil || p.status != Active:
		case p.role == RoleAdmin:
			admin = append(admin, choice{ID: ws.ID, Name: ws.Name, Slug: ws.Slug, Admin: true, First: len(admin) == 0})
		default:
			plain = append(plain, choice{ID: ws.ID, Name: ws.Name, Slug: ws.Slug})
		}
	}
	return append(admin, plain...)
}

// inWords says what scopes allow; a scope without words of ours says itself.
func inWords(scopes []string) []string {
	words := map[string]string{
		ScopeRead:  "See the members and teams of the workspace",
		ScopeWrite: "See and change the members and teams of the workspace: add, invite and suspend people, make admins",
	}
	var out []string
	for _, scope := range scopes {
		if text, ok := words[scope]; ok {
			out = append(out, text)
			continue
		}
		area, access, _ := strings.Cut(scope, ":")
		area = strings.ReplaceAll(area, "_", " ")
		switch access {
		case "read":
			out = append(out, "See: "+area)
		case "read-write":
			out = append(out, "See and change: "+area)
		default:
			out = append(out, scope)
		}
	}
	return out
}

// decide serves POST /authorize: Confirm or Cancel.
func (s *Server) decide(w http.ResponseWriter, r *http.Request) {
	a, ok := s.formRequest(w, r)
	if !ok {
		return
	}
	if r.PostForm.Get("action") != "confirm" {
		http.Redirect(w, r, a.back(url.Values{"error": {"access_denied"}, "error_description": {"The request was cancelled."}}), http.StatusFound)
		return
	}
	who := s.signedIn(r)
	if who == nil {
		s.signInPage(w, http.StatusUnauthorized, a, "", "Your session has ended. Sign in again.")
		return
	}
	ws := s.world.workspace(r.PostForm.Get("workspace"))
	if ws == nil {
		s.chooseAgain(w, a, http.StatusBadRequest, "No workspace chosen", "Go back and choose the workspace that the app is to be connected to.")
		return
	}
	p := ws.of(who.account)
	if p == nil || p.status != Active || p.role != RoleAdmin {
		s.chooseAgain(w, a, http.StatusForbidden, "Only admins can connect apps",
			"You are not an admin of "+ws.Name+". Ask an admin of the workspace to sign in here, or to make you one.")
		return
	}
	code := secret()
	s.world.codes[code] = &grant{
		app: a.app, ws: ws, author: p, redirectURI: a.redirectURI, challenge: a.challenge, method: a.method,
		expires: s.now().Add(codeLife),
	}
	http.Redirect(w, r, a.back(url.Values{"code": {code}}), http.StatusFound)
}

// chooseAgain says why a choice does not do, with the ways on.
func (s *Server) chooseAgain(w http.ResponseWriter, a *authorization, status int, title, text string) {
	s.pages.Show(w, status, "again", "'self'", map[string]any{
		"Title": title, "Text": text, "Back": "/authorize?" + a.query.Encode(), "Request": a.query.Encode(),
	})
}

// formRequest reads a form of these pages and the app's request in it. Not
// ok: the answer has been given.
func (s *Server) formRequest(w http.ResponseWriter, r *http.Request) (*authorization, bool) {
	if !s.pages.ReadForm(w, r) {
		return nil, false
	}
	q, err := url.ParseQuery(r.PostForm.Get("request"))
	if err != nil {
		s.pages.Message(w, http.StatusBadRequest, "Something is missing", "Start again from the program that sent you here.")
		return nil, false
	}
	a, err := s.world.parseAuthorization(q)
	if err != nil {
		s.refuseAuthorization(w, r, a, err)
		return nil, false
	}
	return a, true
}

// sessionCookie names the cookie of a sign-in.
const sessionCookie = "attio_session"

func (s *Server) signedIn(r *http.Request) *session {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	return s.world.signIns[c.Value]
}

// signIn serves POST /sign-in. There are no passwords here: an address that
// has an Attio account is enough.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	a, ok := s.formRequest(w, r)
	if !ok {
		return
	}
	email := strings.TrimSpace(r.PostForm.Get("email"))
	acc := s.world.accounts[fold(email)]
	if acc == nil {
		s.signInPage(w, http.StatusUnauthorized, a, email, "There is no Attio account with this address.")
		return
	}
	http.SetCookie(w, pages.Cookie(r, sessionCookie, s.world.signIn(acc).cookie))
	http.Redirect(w, r, "/authorize?"+a.query.Encode(), http.StatusSeeOther)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	a, ok := s.formRequest(w, r)
	if !ok {
		return
	}
	if who := s.signedIn(r); who != nil {
		s.world.signOut(who)
	}
	gone := pages.Cookie(r, sessionCookie, "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	http.Redirect(w, r, "/authorize?"+a.query.Encode(), http.StatusSeeOther)
}

// formAction is where a form of the consent page may lead: here, and to the
// app, since browsers hold redirects after a form to the same rule
// (https://www.w3.org/TR/CSP3/#directive-form-action).
func (a *authorization) formAction() string {
	if strings.HasPrefix(a.redirect.Host, "[") {
		return "'self' " + a.redirect.Scheme + ":" // host sources cannot hold an IPv6 address
	}
	return "'self' " + a.redirect.Scheme + "://" + a.redirect.Host
}
