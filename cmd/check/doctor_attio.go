package check

import (
	"context"

	"scim-sync/attio"
	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// attioTitles are the checks of Attio's side, in the order in which they need
// each other.
type attioTitles struct{ answers, token, workspace, scopes, scim, owner title }

func titlesOfAttio() attioTitles {
	return attioTitles{
		answers:   title{"attio-reachable", "Attio answers"},
		token:     title{"attio-token", "there is a token, and it is active"},
		workspace: title{"attio-workspace", "the token is for the right workspace"},
		scopes:    title{"attio-scopes", "the token has the scope"},
		scim:      title{"attio-scim", "SCIM answers"},
		owner:     title{"attio-author", "who authorised the token is still an admin"},
	}
}

func (u *checkup) checkAttio(ctx context.Context) {
	t := titlesOfAttio()
	if !u.checkToken(ctx, t) {
		return
	}
	id := u.attio.Identity
	u.good(t.token, tokenWords(u.credential, id))
	if err := u.credential.Want.Right(id); err != nil {
		u.bad(t.workspace, err)
	} else {
		u.good(t.workspace, cli.WorkspaceName(id))
	}
	if id.CanWrite() {
		u.good(t.scopes, cli.ScopesIn(id))
	} else {
		u.bad(t.scopes, cli.NeedsScope("look at the token's scopes", attio.Identity{}, "it lacks "+attio.ScopeWrite+", which apply needs; it has "+cli.ScopesIn(id)))
	}
	if id.CanRead() {
		u.checkSCIM(ctx, t.scim)
		u.checkOwner(ctx, t.owner)
	} else {
		u.skip("the token may not read", t.scim, t.owner)
	}
	u.skip("Attio's interface does not tell how many are free; each plan says how many it takes and frees", title{"attio-seats", "seats"})
}

// checkToken finds the token and asks what it is.
func (u *checkup) checkToken(ctx context.Context, t attioTitles) bool {
	var err error
	if u.credential, err = cli.NewCredential(u.Program, u.s); err != nil {
		u.bad(t.token, err)
		u.skip("there is no token", t.answers, t.workspace, t.scopes, t.scim, t.owner)
		return false
	}
	u.checkKept()
	if u.attio, err = cli.NewAttioSide(u.Program, u.s, u.credential.Token); err == nil {
		u.attio.Identity, err = cli.Probe(ctx, u.attio.Reader.Identity)
	}
	switch {
	case err == nil:
		u.good(t.answers, u.s.Attio.APIURL)
		u.workspace = u.attio.Identity.WorkspaceID
		return true
	case attio.Is(err, attio.NotSignedIn):
		u.good(t.answers, u.s.Attio.APIURL)
		u.bad(t.token, err)
		u.skip("the token is not good", t.workspace, t.scopes, t.scim, t.owner)
	default:
		u.bad(t.answers, err)
		u.skip("Attio does not answer well", t.token, t.workspace, t.scopes, t.scim, t.owner)
	}
	return false
}

// checkKept looks whether a stored token is for nobody else's eyes.
func (u *checkup) checkKept() {
	l := u.credential.Login
	if l == nil {
		return
	}
	u.workspace = l.WorkspaceID
	t := title{"attio-token-kept", "nobody else can get at the stored token"}
	for _, x := range u.credential.Exposed {
		u.odd(t, x.What, x.Remedy)
	}
	if len(u.credential.Exposed) == 0 {
		u.good(t, u.credential.From)
	}
}

func (u *checkup) checkSCIM(ctx context.Context, t title) {
	_, err := cli.Probe(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, u.attio.Reader.Probe(ctx) })
	if err != nil {
		u.bad(t, err)
		return
	}
	u.good(t, u.s.Attio.SCIMURL)
}

// checkOwner looks after the person behind the token: it may end with them.
func (u *checkup) checkOwner(ctx context.Context, t title) {
	joined, err := cli.Probe(ctx, u.attio.Reader.Joined)
	if err != nil {
		u.bad(t, err)
		return
	}
	m, found := cli.TokenOwner(u.attio.Identity, joined)
	switch why := cli.OwnerTrouble(m, cli.AssignmentUnknown); {
	case !found:
		u.skip("Attio does not say who that was", t)
	case why != "":
		u.odd(t, why, cli.OwnerAdvice)
	default:
		u.good(t, m.Email)
	}
}

// tokenWords says where a token is and until when it is good.
func tokenWords(from cli.Credential, id attio.Identity) string {
	text := "from " + from.From
	if from.Login != nil {
		text = "kept in the " + from.From
	}
	if !id.Expires.IsZero() {
		text += ", good until " + id.Expires.UTC().Format("2 January 2006 15:04 UTC")
	}
	return view.Clean(text)
}
