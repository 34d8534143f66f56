package oktatest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// attributes are profile values ready to be written, by name.
type attributes map[string]json.RawMessage

// user is a person of the org.
type user struct {
	id, login, email, first, last string
	status                        string
	extra                         attributes
	created, activated            time.Time
	changed, updated              time.Time
	place                         int // among all people at the start, by id
}

func (u *user) key() string { return u.id }

func (u *user) gone() bool { return u.status == "DEPROVISIONED" }

// fullName is the name as Okta's standard mapping makes it.
func (u *user) fullName() string { return strings.TrimSpace(u.first + " " + u.last) }

// group is a group with its members. Readers see what it shows, which may
// trail behind what is (see staleView).
type group struct {
	id, name, description, kind string
	created, updated            time.Time
	memberUpdated               time.Time
	members                     roster[*user]
	everyone                    bool // holds everybody, kept by the org
	seen                        *staleView
}

func (g *group) key() string { return g.id }

// grant is a group's assignment to the app.
type grant struct {
	group    *group
	priority int
	profile  attributes
	updated  time.Time
}

// appUser is a person's assignment to the app: by name, or through a grant.
type appUser struct {
	user      *user
	via       *grant // nil: assigned by name
	userName  string // "" follows the login
	status    string
	syncState string
	own       attributes // set on the assignment itself
	created   time.Time
	updated   time.Time
	changed   time.Time
	lingering bool // its right has ended, Okta has not cleared it away yet
}

func (a *appUser) key() string  { return a.user.id }
func (a *appUser) direct() bool { return a.via == nil }

func (a *appUser) name() string { return or(a.userName, a.user.login) }

// profile gives the value set for an attribute by the assignment, nil if none.
func (a *appUser) attribute(name string) json.RawMessage {
	if v, ok := a.own[name]; ok {
		return v
	}
	if a.via != nil {
		return a.via.profile[name]
	}
	return nil
}

// mapping pushes a group to the app.
type mapping struct {
	id             string
	source, target *group
	status, err    string
	created        time.Time
	updated        time.Time
}

func (m *mapping) key() string { return m.id }

// app is the one app.
type app struct {
	id, label, name, status string
	features                []string
	roleAttribute, roleType string // roleAttribute "" when the schema lacks it
	custom                  []string
	created, updated        time.Time
	users                   roster[*appUser]
	seen                    *staleUsers // nil: the list shows what is
	grants                  []*grant    // by priority, then id
	mappings                roster[*mapping]
}

func (a *app) active() bool { return a.status == "ACTIVE" }

func (a *app) has(feature string) bool { return slices.Contains(a.features, feature) }

// allows says whether the app's profile schema holds an attribute.
func (a *app) allows(name string) bool {
	return name == a.roleAttribute && name != "" || slices.Contains(a.custom, name) || isBaseAttribute(name)
}

// grantFor finds the assignment of a group, nil if it is not assigned.
func (a *app) grantFor(groupID string) *grant {
	for _, g := range a.grants {
		if g.group.id == groupID {
			return g
		}
	}
	return nil
}

// sortGrants restores the order of priority.
func (a *app) sortGrants() {
	slices.SortFunc(a.grants, func(x, y *grant) int {
		if x.priority != y.priority {
			return x.priority - y.priority
		}
		return strings.Compare(x.group.id, y.group.id)
	})
}

// directory is all that the org holds. The server's lock guards it.
type directory struct {
	app     *app
	users   roster[*user]
	byLogin map[string]*user // by folded login
	groups  roster[*group]
	lag     time.Duration
	listLag time.Duration
	log     eventLog
	caller  caller              // on whose behalf things change at the moment
	stale   map[*group]struct{} // groups that show less than they are
	linger  bool
	serial  int
	retired map[string]bool // ids of people deleted; never given again
}

// foldLogin: Okta compares logins without case.
func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// user finds a person by id or login.
func (d *directory) user(ref string) (*user, bool) {
	if u, ok := d.byLogin[foldLogin(ref)]; ok {
		return u, true
	}
	return d.users.get(ref)
}

// group finds a group by id.
func (d *directory) group(id string) (*group, bool) { return d.groups.get(id) }

// groupNamed finds a group by id or name. Two groups may share a name when one
// is the target of a push: the one of the org itself goes first.
func (d *directory) groupNamed(ref string) (*group, bool) {
	if g, ok := d.groups.get(ref); ok {
		return g, true
	}
	var found *group
	for _, g := range d.groups.items {
		if g.name == ref && (found == nil || found.kind == "APP_GROUP") {
			found = g
		}
	}
	return found, found != nil
}
