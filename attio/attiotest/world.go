package attiotest

import (
	"crypto/rand"
	"crypto/sha1" // RFC 4122 names version 5 ids by SHA-1; nothing is kept safe by it
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// world is everything the server holds. It is guarded by Server.mu and knows
// nothing of HTTP.
type world struct {
	b    Behaviour
	now  func() time.Time
	base string

	ids        map[string]bool // every id ever given
	accounts   map[string]*account
	workspaces []*workspace // the site's own first
	apps       map[string]*App
	tokens     map[string]*token
	refresh    map[string]*token // by refresh token
	codes      map[string]*grant
	signIns    map[string]*session // by cookie
	signInsN   int
	outbox     []Mail
}

// account is an Attio account; it outlives memberships.
type account struct {
	email, given, family string
	created              time.Time
}

// workspace holds its people in a stable order.
type workspace struct {
	Workspace
	verified  map[string]bool
	people    []*person
	byID      map[string]*person // SCIM ids in use
	byRest    map[string]*person
	byEmail   map[string]*person // folded
	stale     map[string]*person // ids of accepted invites
	teams     []*team
	teamByID  map[string]*team
	teamNamed map[string]*team      // folded
	invites   map[string]*inviteEnd // by link token
	// seatsUsed and admins are kept while people change, so that nothing has
	// to count 100,000 of them.
	seatsUsed  int
	seatsAdded int
	admins     int
	ended      []Session
	sessionsN  int
	version    int // counts changes to who is listed and how
}

// person is a membership or a pending invite.
type person struct {
	id, rest         string // rest is empty while invited
	email, folded    string
	given, family    string
	role             Role // kept, though hidden, while suspended
	status           Status
	expert           bool
	link             string // of the invite
	account          *account
	teams            []*team
	sessions         []*session
	created, changed time.Time
}

// inviteEnd is what a link of an invite leads to.
type inviteEnd struct {
	person *person // nil once it is over
	email  string
	role   Role
	why    string // accepted, declined, revoked, cancelled, expired
}

type team struct {
	id, name, folded string
	members          []*person
	shownAs          map[*person]string // with Behaviour.InviteIDStaysInTeams
	created, changed time.Time
}

func fold(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func (w *world) foldTeam(name string) string {
	name = strings.TrimSpace(name)
	if w.b.TeamNamesCaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

func domainOf(folded string) string { return folded[strings.LastIndexByte(folded, '@')+1:] }

// validEmail is generous: one @ with something on both sides, and nothing
// that is white space or a control character.
func validEmail(email string) bool {
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") || len(email) > 320 {
		return false
	}
	return !strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\u00a0' || r == '\ufffd' })
}

func newWorkspace(c Workspace) *workspace {
	w := &workspace{
		Workspace: c, verified: map[string]bool{}, byID: map[string]*person{}, byRest: map[string]*person{},
		byEmail: map[string]*person{}, stale: map[string]*person{}, teamByID: map[string]*team{},
		teamNamed: map[string]*team{}, invites: map[string]*inviteEnd{},
	}
	for _, d := range c.VerifiedDomains {
		w.verified[fold(d)] = true
	}
	return w
}

// primary is the site's own workspace.
func (w *world) primary() *workspace { return w.workspaces[0] }

func (w *world) workspace(slugOrID string) *workspace {
	i := slices.IndexFunc(w.workspaces, func(ws *workspace) bool { return ws.Slug == slugOrID || ws.ID == slugOrID })
	if i < 0 {
		return nil
	}
	return w.workspaces[i]
}

// newID derives an unused uuid from what it is for.
func (w *world) newID(ws *workspace, kind, name string) string {
	for n := 1; ; n++ {
		id := uuid(fmt.Sprintf("%s/%s/%s#%d", ws.Slug, kind, name, n))
		if !w.ids[id] {
			w.ids[id] = true
			return id
		}
	}
}

// uuid is a version 5 id.
func uuid(name string) string {
	sum := sha1.Sum([]byte("scim-sync/attiotest/" + name)) // see the import
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	x := hex.EncodeToString(sum[:16])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// secret is 256 random bits as text: tokens, codes, links, cookies.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: https://pkg.go.dev/crypto/rand#Read
	return hex.EncodeToString(b[:])
}

// accountFor finds or makes the account of an address; made says which.
func (w *world) accountFor(email, given, family string) (a *account, made bool) {
	if a = w.accounts[fold(email)]; a != nil {
		return a, false
	}
	a = &account{email: strings.TrimSpace(email), given: given, family: family, created: w.now()}
	w.accounts[fold(email)] = a
	return a, true
}

// put is the only place where a person's role, status and expert mark change,
// and where people come and go, so that the counts stay true.
func (ws *workspace) put(p *person, role Role, status Status, expert bool) {
	ws.count(p, -1)
	p.role, p.status, p.expert = role, status, expert
	ws.count(p, +1)
	ws.version++
}

func (ws *workspace) count(p *person, n int) {
	if ws.byID[p.id] != p {
		return // not in the workspace (yet, or any more)
	}
	if takesSeat(p.status, p.expert) {
		ws.seatsUsed += n
	}
	if p.status == Active && p.role == RoleAdmin && !p.expert {
		ws.admins += n
	}
}

// takesSeat: active members and pending invites do, experts do not
// (https://attio.com/help/reference/workspace-settings-billing/billing-and-payments).
func takesSeat(s Status, expert bool) bool { return s != Suspended && !expert }

// enter lists a person in the workspace.
func (ws *workspace) enter(p *person) {
	ws.people = append(ws.people, p)
	ws.byID[p.id], ws.byEmail[p.folded] = p, p
	if p.rest != "" {
		ws.byRest[p.rest] = p
	}
	ws.count(p, +1)
	ws.version++
}

// leave takes a pending invite out; memberships are never erased.
func (ws *workspace) leave(p *person) {
	ws.count(p, -1)
	p.leaveTeams(p.changed)
	ws.people = slices.DeleteFunc(ws.people, func(q *person) bool { return q == p })
	delete(ws.byID, p.id)
	delete(ws.byEmail, p.folded)
	ws.version++
}

// adminsLeft is how many active admins there would be without p.
func (w *world) adminsLeft(ws *workspace, p *person) int {
	n := ws.admins
	if w.b.ExpertsCountAsAdmins {
		for _, q := range ws.people {
			if q.expert && q.status == Active && q != p {
				n++
			}
		}
	}
	if p.status == Active && p.role == RoleAdmin && !p.expert {
		n--
	}
	return n
}

// isLastAdmin says whether p is an admin who must stay one.
func (w *world) isLastAdmin(ws *workspace, p *person) bool {
	return !w.b.LastAdminMayGo && p.status == Active && p.role == RoleAdmin && (!p.expert || w.b.ExpertsCountAsAdmins) && w.adminsLeft(ws, p) <= 0
}

func (t *team) add(p *person) bool {
	if slices.Contains(p.teams, t) {
		return false
	}
	t.members = append(t.members, p)
	p.teams = append(p.teams, t)
	return true
}

func (p *person) leaveTeams(now time.Time) {
	for len(p.teams) > 0 {
		p.teams[0].changed = now
		p.teams[0].drop(p)
	}
}

func (t *team) drop(p *person) bool {
	i := slices.Index(p.teams, t)
	if i < 0 {
		return false
	}
	p.teams = slices.Delete(p.teams, i, i+1)
	t.members = slices.DeleteFunc(t.members, func(q *person) bool { return q == p })
	delete(t.shownAs, p)
	return true
}
