package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"scim-sync/idp"
)

// Verdict is how a check came out.
type Verdict string

// The verdicts.
const (
	Good    Verdict = "ok"
	Odd     Verdict = "warn" // a run works, and something should be looked at
	Bad     Verdict = "fail"
	Skipped Verdict = "skipped" // what it needs is bad already
)

// Check is one thing that was looked at.
type Check struct {
	Code    string // stable: "okta-app"
	Title   string
	Verdict Verdict
	Detail  string // what was found, on one line
	Remedy  string // how to fix it; empty when good
	Err     error  // the failure behind Bad, nil when there is none but the finding
}

// CheckQuery says what a run will ask for.
type CheckQuery struct {
	Teams       idp.TeamSource
	AdminGroups []string
	// Share is the part of the rate limit that requests may take, 0 to 1.
	Share float64
	Now   func() time.Time
}

// Check looks whether everything that a run reads can be read, asking each
// endpoint for the smallest page. It stops at nothing: what could not be
// looked at is Skipped.
func (s *Source) Check(ctx context.Context, q CheckQuery) []Check {
	c := &checking{s: s, q: q, lowest: -1, resets: map[string]time.Time{}}
	app, ok := c.reach(ctx)
	if !ok {
		return c.found
	}
	c.rights(ctx)
	c.activity(app)
	c.attributes(ctx)
	c.writers(app)
	c.sight(ctx)
	c.limits()
	c.clock()
	return c.found
}

// checking is one round of checks.
type checking struct {
	s     *Source
	q     CheckQuery
	found []Check
	app   error // of reading the app
	// What answers have said beside their content.
	skew   time.Duration // of Okta's clock against ours
	dated  bool
	limit  int // of the tightest bucket seen
	lowest float64
	left   int
	tight  string
	resets map[string]time.Time // of each bucket, when its window ends
	spent  *idp.Error           // of the first request for which a limit had nothing left
}

func (c *checking) add(code string, v Verdict, detail, fix string, err error) {
	c.found = append(c.found, Check{Code: code, Title: titleOf(code), Verdict: v, Detail: detail, Remedy: fix, Err: err})
}

func (c *checking) good(code, detail string) { c.add(code, Good, detail, "", nil) }

// bad adds a failure, in the words of its error. A limit that is used up is
// told of once, by its own check.
func (c *checking) bad(code string, err error) {
	if _, limited := UsedUp(err); limited {
		c.skip("Okta's rate limit is used up", code)
		return
	}
	detail, fix := err.Error(), ""
	if known, ok := errors.AsType[*idp.Error](err); ok {
		fix = known.Hint
	}
	c.add(code, Bad, detail, fix, err)
}

func (c *checking) skip(why string, codes ...string) {
	for _, code := range codes {
		c.add(code, Skipped, why, "", nil)
	}
}

// The codes of the checks.
const (
	checkReach      = "okta-reachable"
	checkCredential = "okta-credential"
	checkRights     = "okta-rights"
	checkApp        = "okta-app"
	checkRole       = "okta-role-attribute"
	checkEmail      = "okta-email-attribute"
	checkWriters    = "okta-other-writer"
	checkSight      = "okta-sight"
	checkLimit      = "okta-rate-limit"
	checkClock      = "clock"
)

// titleOf says what a check makes sure of.
func titleOf(code string) string {
	return map[string]string{
		checkReach:      "Okta answers",
		checkCredential: "Okta takes the credential",
		checkRights:     "the credential may read what a run needs",
		checkApp:        "the app is active",
		checkRole:       "the app has the role attribute",
		checkEmail:      "the app has the attribute of the address",
		checkWriters:    "nobody else writes to Attio",
		checkSight:      "the credential sees the whole org",
		checkLimit:      "there is room in Okta's rate limit",
		checkClock:      "this machine's clock is right",
	}[code]
}

// checkedApp is what is looked at of an app.
type checkedApp struct {
	wireApp
	Features []string `json:"features"`
}

// reach reads the app: the first answer says whether Okta is there and takes
// the credential. Not ok: nothing else can be asked.
func (c *checking) reach(ctx context.Context) (app checkedApp, ok bool) {
	t := task{op: "read the app", path: c.s.appPath(), need: appsNeed}
	err := c.look(ctx, t, nil, &app)
	rest := []string{checkRights, checkApp, checkRole, checkEmail, checkWriters, checkSight, checkLimit, checkClock}
	_, limited := UsedUp(err)
	switch kind := idp.KindOf(err); {
	case limited:
		c.good(checkReach, c.s.org)
		c.skip("Okta's rate limit is used up", checkCredential, checkRights, checkApp, checkRole, checkEmail, checkWriters, checkSight)
		c.limits()
		c.clock()
		return app, false
	case err == nil:
		if app.ID != c.s.appID {
			c.bad(checkReach, &idp.Error{Kind: idp.Untrusted, Op: t.op, Subject: t.path, Detail: "the answer is about another app",
				Hint: "Check okta.org_url (" + c.s.org + ") and any proxy before it."})
			c.skip("Okta's answer cannot be trusted", append([]string{checkCredential}, rest...)...)
			return app, false
		}
	case kind == idp.Credential && statusOf(err) != http.StatusForbidden:
		c.good(checkReach, c.s.org)
		c.bad(checkCredential, err)
		c.skip("Okta does not take the credential", rest...)
		return app, false
	case kind == idp.Credential, lacksApp(err):
	default:
		c.bad(checkReach, err)
		c.skip("Okta does not answer", append([]string{checkCredential}, rest...)...)
		return app, false
	}
	c.app = err
	c.good(checkReach, c.s.org)
	c.good(checkCredential, c.credential())
	return app, true
}

// lacksApp says whether Okta, and nobody else, said that there is no such app.
func lacksApp(err error) bool {
	e, ok := errors.AsType[*idp.Error](err)
	return ok && e.Kind == idp.Setting && e.Status == http.StatusNotFound && strings.HasPrefix(e.Subject, appSetting)
}

func (c *checking) credential() string {
	if c.s.signed {
		return "service app"
	}
	return "API token"
}

func statusOf(err error) int {
	if known, ok := errors.AsType[*idp.Error](err); ok {
		return known.Status
	}
	return 0
}

// rights tries each list that a run reads.
func (c *checking) rights(ctx context.Context) {
	var tried []string
	var failed error
	try := func(what string, t task, q url.Values, v looked) bool {
		tried = append(tried, what)
		err := c.look(ctx, t, q, v.list())
		if err == nil {
			err = v.believable(ctx, c.s, t)
		}
		if err != nil && failed == nil {
			failed = err
		}
		return err == nil
	}
	if c.app != nil && idp.KindOf(c.app) == idp.Setting {
		c.skip("there is no such app", checkRights)
		return
	}
	failed = c.app
	tried = append(tried, "the app")
	var people page[wireAppUser]
	list := task{op: "list app users", path: c.s.appPath() + "/users", need: appsNeed}
	if try("its people", list, url.Values{"limit": {"20"}, "expand": {"user"}}, &people) && failed == nil && len(people) > 0 && !slices.ContainsFunc(people, wireAppUser.whole) {
		failed = c.s.fail(ctx, list, noUsers())
	}
	if group := c.someGroup(ctx, try); group != "" {
		var members page[wireMember]
		try("the members of a group", task{op: "list group members", path: "/api/v1/groups/" + group + "/users", need: groupsNeed}, url.Values{"limit": {"1"}}, &members)
	}
	if len(c.q.AdminGroups) > 0 && failed == nil {
		tried = append(tried, "the admin groups")
		t := task{op: "find the admin groups", path: "/api/v1/groups", need: groupsNeed}
		failed = c.hurried(ctx, t, func(ctx context.Context) error {
			_, err := c.s.adminGroups(ctx, c.q.AdminGroups)
			return err
		})
	}
	if failed != nil {
		c.bad(checkRights, failed)
		return
	}
	c.good(checkRights, strings.Join(tried, ", "))
}

// someGroup tries the list that teams come from, and gives a group of it.
func (c *checking) someGroup(ctx context.Context, try func(string, task, url.Values, looked) bool) string {
	switch c.q.Teams {
	case idp.AssignedGroups:
		var groups page[wireAssignment]
		// The smallest page that Okta gives of this list is 20.
		t := task{op: "list the groups assigned to the app", path: c.s.appPath() + "/groups", need: appsNeed}
		if try("the groups assigned to it", t, url.Values{"limit": {"20"}}, &groups) && len(groups) > 0 {
			return groups[0].ID
		}
	case idp.PushMappings:
		var mappings page[wireMapping]
		t := task{op: "list the group push mappings", path: c.s.appPath() + "/group-push/mappings", need: pushNeed}
		if try("its push mappings", t, url.Values{"limit": {"1"}}, &mappings) && len(mappings) > 0 {
			return mappings[0].SourceGroup
		}
	case idp.ListedGroups:
		var groups page[wireGroup]
		t := task{op: "list groups", path: "/api/v1/groups", need: groupsNeed}
		if try("groups", t, url.Values{"limit": {"1"}}, &groups) && len(groups) > 0 {
			return groups[0].ID
		}
	case idp.NoTeams:
	}
	return ""
}

func (c *checking) activity(app checkedApp) {
	switch {
	case idp.KindOf(c.app) == idp.Setting:
		c.bad(checkApp, c.app)
	case c.app != nil:
		c.skip("the app could not be read", checkApp)
	case app.Status != "ACTIVE":
		c.bad(checkApp, &idp.Error{Kind: idp.AppInactive, Op: "read the app", Subject: "okta.app_id " + c.s.appID,
			Detail: fmt.Sprintf("the app %q is %s", plain(app.Label), plain(app.Status)),
			Hint:   inactiveHint})
	default:
		c.good(checkApp, plain(app.Label)+" ("+c.s.appID+")")
	}
}

// writers looks whether Okta's own provisioning is on: it and scim-sync would
// undo each other's work.
func (c *checking) writers(app checkedApp) {
	if c.app != nil {
		c.skip("the app could not be read", checkWriters)
		return
	}
	var on []string
	for _, f := range app.Features {
		switch f {
		case "PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION", "PUSH_PENDING_USERS", "PUSH_PASSWORD_UPDATES", "REACTIVATE_USERS":
			on = append(on, f)
		case "GROUP_PUSH":
			if c.q.Teams != idp.PushMappings { // without it there are no mappings to follow
				on = append(on, f)
			}
		}
	}
	if len(on) == 0 {
		c.good(checkWriters, "the app's own provisioning is off")
		return
	}
	c.add(checkWriters, Bad, "Okta's own provisioning is on for this app ("+plain(strings.Join(on, ", "))+"): Okta and scim-sync would both write",
		"Switch it off in Okta (the app > Provisioning > To App: Create, Update and Deactivate; Push Groups), or stop running scim-sync.", nil)
}

// sight looks for the group Everyone, which every org has and which is hidden
// from admins of some groups only.
func (c *checking) sight(ctx context.Context) {
	var groups []wireGroup
	t := task{op: "look for the group Everyone", path: "/api/v1/groups", need: groupsNeed}
	err := c.look(ctx, t, url.Values{"filter": {`type eq "BUILT_IN"`}, "limit": {"1"}}, &groups)
	switch {
	case err != nil:
		c.skip("groups could not be listed", checkSight)
	case len(groups) > 0:
		c.good(checkSight, "it sees the group "+plain(groups[0].Profile.Name))
	default:
		c.add(checkSight, Odd, "the group Everyone is hidden from the credential, as from an admin of some groups only: it may see part of the org",
			"Give its owner an admin role that sees all users and groups (Read-only Administrator is enough), or make sure that it sees every group that becomes a team.", nil)
	}
}
