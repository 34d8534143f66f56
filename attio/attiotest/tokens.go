package attiotest

import (
	"slices"
	"strings"
	"time"
)

// token is an access token: of one workspace alone.
type token struct {
	text, refresh string
	ws            *workspace
	scopes        []string
	clientID      string
	author        *person
	app           *App
	revoked       bool
	issued        time.Time
	expires       time.Time // zero: never
}

// grant is an authorization code until it is redeemed.
type grant struct {
	app         *App
	ws          *workspace
	author      *person
	redirectURI string
	challenge   string // of PKCE, empty without
	method      string
	expires     time.Time
	used        *token // what it was redeemed for
}

// codeLife is how long an authorization code can be redeemed. RFC 6749
// section 4.1.2 allows ten minutes at most; Attio says nothing.
const codeLife = time.Minute

func (w *world) lives(t *token) bool {
	switch {
	case t == nil || t.revoked:
		return false
	case !t.expires.IsZero() && !w.now().Before(t.expires):
		return false
	case w.b.AuthorMustStayAdmin && t.author != nil && t.author.status == Suspended:
		return false
	}
	return true
}

// has says whether a token may do what needs a scope; the write scope
// includes reading.
func (t *token) has(scope string) bool {
	return slices.Contains(t.scopes, scope) || scope == ScopeRead && slices.Contains(t.scopes, ScopeWrite)
}

// wellFormed says whether a text could be one of Attio's tokens at all.
func (w *world) wellFormed(text string) bool {
	if w.tokens[text] != nil {
		return true
	}
	return len(text) >= 16 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~+/=", r)
	})
}

// issue makes the token of a confirmed sign-in.
func (w *world) issue(app *App, ws *workspace, author *person) *token {
	if w.b.ReauthorisingRevokes {
		for _, t := range w.tokens {
			if t.app == app && t.ws == ws {
				t.revoked = true
			}
		}
	}
	t := &token{
		text: secret(), ws: ws, scopes: slices.Clone(app.Scopes), clientID: app.ClientID,
		author: author, app: app, issued: w.now(),
	}
	if app.TokenExpiresIn > 0 {
		t.expires = w.now().Add(app.TokenExpiresIn)
	}
	w.tokens[t.text] = t
	if app.Refresh {
		t.refresh = secret()
		w.refresh[t.refresh] = t
	}
	return t
}

// about is what /v2/self and introspection say of a token
// (https://docs.attio.com/docs/oauth/introspect).
func (w *world) about(t *token) any {
	if !w.lives(t) {
		return map[string]bool{"active": false}
	}
	a := tokenInfo{
		Active: true, Scope: strings.Join(t.scopes, " "), ClientID: t.clientID, TokenType: "Bearer",
		Iat: t.issued.Unix(), Sub: t.ws.ID, Aud: t.clientID, Iss: "attio.com",
		WorkspaceID: t.ws.ID, WorkspaceName: t.ws.Name, WorkspaceSlug: t.ws.Slug,
	}
	if !t.expires.IsZero() {
		exp := t.expires.Unix()
		a.Exp = &exp
	}
	if t.author != nil {
		a.AuthorizedBy = t.author.rest
	}
	return a
}

type tokenInfo struct {
	Active        bool    `json:"active"`
	Scope         string  `json:"scope"`
	ClientID      string  `json:"client_id"`
	TokenType     string  `json:"token_type"`
	Exp           *int64  `json:"exp"`
	Iat           int64   `json:"iat"`
	Sub           string  `json:"sub"`
	Aud           string  `json:"aud"`
	Iss           string  `json:"iss"`
	AuthorizedBy  string  `json:"authorized_by_workspace_member_id"`
	WorkspaceID   string  `json:"workspace_id"`
	WorkspaceName string  `json:"workspace_name"`
	WorkspaceSlug string  `json:"workspace_slug"`
	WorkspaceLogo *string `json:"workspace_logo_url"`
}
