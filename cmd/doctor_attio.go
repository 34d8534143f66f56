package cmd

import (
	"context"
	"slices"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/cmd/view"
)

// The checks of Attio's side, in the order in which they need each other.
const (
	checkToken     = "attio-token"
	checkExposed   = "attio-token-kept"
	checkAnswers   = "attio-reachable"
	checkWorkspace = "attio-workspace"
	checkScopes    = "attio-scopes"
	checkSCIM      = "attio-scim"
	checkAuthor    = "attio-author"
	checkSeats     = "attio-seats"
)

func attioTitle(code string) string {
	return map[string]string{
		checkToken: "there is a token, and it is active", checkAnswers: "Attio answers",
		checkExposed: "nobody else can get at the stored token", checkWorkspace: "the token is for the right workspace",
		checkScopes: "the token has the scope", checkSCIM: "SCIM answers", checkAuthor: "who authorised the token is still an admin",
		checkSeats: "seats",
	}[code]
}

func (u *checkup) skipAttio(why string, codes ...string) {
	for _, code := range codes {
		u.skip(why, code, attioTitle(code))
	}
}

func (u *checkup) attio(ctx context.Context) {
	if !u.attioToken(ctx) {
		return
	}
	id := u.s.identity
	u.good(checkToken, attioTitle(checkToken), tokenWords(u.s.from, id))
	if err := u.s.from.want.right(id); err != nil {
		u.bad(checkWorkspace, attioTitle(checkWorkspace), err)
	} else {
		u.good(checkWorkspace, attioTitle(checkWorkspace), workspaceName(id))
	}
	if id.CanWrite() {
		u.good(checkScopes, attioTitle(checkScopes), scopesIn(id))
	} else {
		u.bad(checkScopes, attioTitle(checkScopes), &attio.Error{Kind: attio.MissingScope, Op: "look at the token's scopes", Hint: scopeHint,
			Detail: "it lacks " + attio.ScopeWrite + ", which apply needs; it has " + scopesIn(id)})
	}
	if !id.CanRead() {
		u.skipAttio("the token may not read", checkSCIM, checkAuthor)
	} else {
		if _, err := briefly(ctx, probed(u.s.reader.Probe)); err != nil {
			u.bad(checkSCIM, attioTitle(checkSCIM), err)
		} else {
			u.good(checkSCIM, attioTitle(checkSCIM), u.s.settings.Attio.SCIMURL)
		}
		u.author(ctx)
	}
	u.good(checkSeats, attioTitle(checkSeats), "Attio's interface does not tell how many are free; each plan says how many it takes and frees")
}

// attioToken finds the token and asks what it is.
func (u *checkup) attioToken(ctx context.Context) bool {
	var err error
	if u.s.from, err = u.a.credentialFor(u.s.settings); err != nil {
		u.bad(checkToken, attioTitle(checkToken), err)
		u.skipAttio("there is no token", checkAnswers, checkWorkspace, checkScopes, checkSCIM, checkAuthor)
		return false
	}
	u.kept()
	u.s.attio, u.s.scim = u.a.connectAttio(u.s.settings, u.s.from.token)
	if u.s.reader, err = scim.NewReader(u.s.scim); err == nil {
		u.s.identity, err = briefly(ctx, u.s.reader.Identity)
	}
	switch {
	case err == nil:
		u.good(checkAnswers, attioTitle(checkAnswers), u.s.settings.Attio.APIURL)
		return true
	case attio.Is(err, attio.NotSignedIn):
		u.good(checkAnswers, attioTitle(checkAnswers), u.s.settings.Attio.APIURL)
		u.bad(checkToken, attioTitle(checkToken), err)
		u.skipAttio("the token is not good", checkWorkspace, checkScopes, checkSCIM, checkAuthor)
	default:
		u.bad(checkAnswers, attioTitle(checkAnswers), err)
		u.skipAttio("Attio does not answer well", checkToken, checkWorkspace, checkScopes, checkSCIM, checkAuthor)
	}
	return false
}

// kept looks whether a stored token is for nobody else's eyes.
func (u *checkup) kept() {
	if u.s.from.login == nil {
		return
	}
	title, all := attioTitle(checkExposed), u.a.exposed(*u.s.from.login)
	for _, x := range all {
		u.odd(checkExposed, title, x.What, x.Remedy)
	}
	if len(all) == 0 {
		u.good(checkExposed, title, u.s.from.from)
	}
}

// author looks after the person behind the token: it may end with them.
func (u *checkup) author(ctx context.Context) {
	title := attioTitle(checkAuthor)
	joined, err := briefly(ctx, u.s.reader.Joined)
	if err != nil {
		u.bad(checkAuthor, title, err)
		return
	}
	m, found := authorOf(u.s.identity, joined)
	if !found {
		u.good(checkAuthor, title, "Attio does not say who that was")
		return
	}
	if why := authorTrouble(m, unknownAssignment); why != "" {
		u.odd(checkAuthor, title, why, authorMend)
		return
	}
	u.good(checkAuthor, title, m.Email)
}

// tokenWords says where a token is and until when it is good.
func tokenWords(from credential, id attio.Identity) string {
	text := "from " + from.from
	if from.login != nil {
		text = "kept in the " + from.from
	}
	if !id.Expires.IsZero() {
		text += ", good until " + id.Expires.UTC().Format("2 January 2006 15:04 UTC")
	}
	return view.Clean(text)
}

// findCode gives the finding of a code.
func (u *checkup) findCode(code string) (finding, bool) {
	i := slices.IndexFunc(u.all, func(f finding) bool { return f.Code == code })
	if i < 0 {
		return finding{}, false
	}
	return u.all[i], true
}
