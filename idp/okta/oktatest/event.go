package oktatest

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// event is one entry of the System Log
// (https://developer.okta.com/docs/reference/api/event-types/).
type event struct {
	n         int // in the order in which they happened, from 1
	kind      string
	published time.Time
	persisted time.Time // from when on it can be read
	by        caller
	job       bool // made by the org's own machinery, not within a request
	targets   []target
	debug     ordered
}

// caller is on whose behalf something changes; the zero caller is an admin in the
// console.
type caller struct {
	method, path string // of a request to the API
	requestID    string
}

// target is one of the things that an event is about.
type target struct{ id, kind, alternate, display string }

// eventLog is the System Log of an org.
type eventLog struct {
	delay func(kind string, n int) time.Duration // until an event can be read; nil: at once
	clock func() time.Time                       // nil while the org is being made: nothing is logged
	n     int
	all   []*event // in the order of persistence
}

// kept is how long the log is kept.
const kept = 90 * 24 * time.Hour

// emit logs an event.
func (d *directory) emit(kind string, targets ...target) { d.emitAs(false, kind, nil, targets...) }

// emitJob logs an event of the org's own machinery.
func (d *directory) emitJob(kind string, targets ...target) { d.emitAs(true, kind, nil, targets...) }

func (d *directory) emitAs(job bool, kind string, debug ordered, targets ...target) {
	l := &d.log
	if l.clock == nil {
		return
	}
	l.n++
	e := &event{n: l.n, kind: kind, published: l.clock().UTC().Truncate(time.Millisecond), by: d.caller, job: job, targets: targets, debug: debug}
	e.persisted = e.published
	if l.delay != nil {
		e.persisted = e.persisted.Add(l.delay(kind, l.n)).Truncate(time.Millisecond)
	}
	i, _ := slices.BinarySearchFunc(l.all, e, byPersistence)
	l.all = slices.Insert(l.all, i, e)
}

func byPersistence(a, b *event) int {
	return cmp.Or(a.persisted.Compare(b.persisted), cmp.Compare(a.n, b.n))
}

func byPublished(a, b *event) int {
	return cmp.Or(a.published.Compare(b.published), cmp.Compare(a.n, b.n))
}

func (u *user) target() target { return target{u.id, "User", u.login, u.fullName()} }

func (g *group) target() target { return target{g.id, "UserGroup", "unknown", g.name} }

func (a *app) target() target { return target{a.id, "AppInstance", a.label, a.name} }

// target of an assignment has an id of its own, which is not the person's.
func (a *appUser) target() target {
	return target{makeID("0ua", a.user.id+a.created.String()), "AppUser", a.name(), a.user.fullName()}
}

// emitAssignment logs what became of a person's assignment. Those that come from
// groups are made by a job.
func (d *directory) emitAssignment(what string, a *appUser) {
	d.emitAs(!a.direct(), "application.user_membership."+what, ordered{{"appname", d.app.label}}, a.target(), d.app.target(), a.user.target())
}

// emitStatus logs a change of status under the name that it has.
func (d *directory) emitStatus(u *user, from string) {
	kind := map[string]string{
		"SUSPENDED": "user.lifecycle.suspend", "DEPROVISIONED": "user.lifecycle.deactivate", "LOCKED_OUT": "user.account.lock",
		"PASSWORD_EXPIRED": "user.account.expire_password", "RECOVERY": "user.account.reset_password",
		"PROVISIONED": "user.lifecycle.activate", "ACTIVE": "user.lifecycle.activate",
	}[u.status]
	switch {
	case u.status == "ACTIVE" && from == "SUSPENDED":
		kind = "user.lifecycle.unsuspend"
	case u.status == "ACTIVE" && from == "LOCKED_OUT":
		kind = "user.account.unlock"
	case kind == "": // STAGED is where people begin
		return
	}
	d.emit(kind, u.target())
}

// emitChange logs a change of a person's profile.
func (d *directory) emitChange(u *user, c userChange) {
	var names []string
	for name, to := range map[string]*string{"login": c.login, "email": c.email, "firstName": c.first, "lastName": c.last} {
		if to != nil {
			names = append(names, name)
		}
	}
	names = append(names, c.extra.names()...)
	slices.Sort(names)
	d.emitAs(false, "user.account.update_profile", ordered{{"changedAttributes", strings.Join(names, ",")}}, u.target())
	if c.email != nil {
		d.emit("user.account.update_primary_email", u.target())
	}
}

// show appends an event as Okta writes it. Who acted within the API did so with a
// token; what the org does by itself bears the name of the admin who caused it.
func (e *event) show(b []byte) []byte {
	uuid := hex.EncodeToString([]byte(makeID("", e.kind+e.published.String()+string(rune(e.n)))))[:32]
	uuid = uuid[:8] + "-" + uuid[8:12] + "-" + uuid[12:16] + "-" + uuid[16:20] + "-" + uuid[20:]
	debug := append(ordered{}, e.debug...)
	transaction := ordered{{"type", "WEB"}, {"id", or(e.by.requestID, "console"+uuid[:8])}, {"detail", ordered{}}}
	var client ordered
	chain := []any{}
	switch {
	case e.job:
		transaction = ordered{{"type", "JOB"}, {"id", "gam" + uuid[:8]}, {"detail", ordered{}}}
		client = ordered{{"userAgent", nil}, {"zone", nil}, {"device", nil}, {"id", nil}, {"ipAddress", nil}, {"geographicalContext", nil}}
	default:
		client = ordered{{"userAgent", ordered{{"rawUserAgent", "oktatest"}, {"os", "Unknown"}, {"browser", "UNKNOWN"}}}, {"zone", "null"}, {"device", "Unknown"},
			{"id", nil}, {"ipAddress", "192.0.2.10"}, {"geographicalContext", nil}}
		chain = []any{ordered{{"ip", "192.0.2.10"}, {"geographicalContext", nil}, {"version", "V4"}, {"source", nil}}}
		if e.by.path != "" {
			debug = append(debug, pair{"requestId", e.by.requestID}, pair{"requestUri", e.by.path}, pair{"url", e.by.path + "?"})
			transaction[2].value = ordered{{"requestApiTokenId", tokenID}}
		}
	}
	targets := make([]ordered, len(e.targets))
	for i, t := range e.targets {
		targets[i] = ordered{{"id", t.id}, {"type", t.kind}, {"alternateId", t.alternate}, {"displayName", t.display}, {"detailEntry", nil}}
	}
	return encoded(b, ordered{
		{"actor", ordered{{"id", adminID}, {"type", "User"}, {"alternateId", "admin@example.com"}, {"displayName", "Admin"}, {"detailEntry", nil}}},
		{"client", client}, {"device", nil}, {"authenticationContext", ordered{{"authenticationStep", 0}, {"externalSessionId", nil}}},
		{"displayMessage", messageOf(e.kind)}, {"eventType", e.kind}, {"outcome", ordered{{"result", "SUCCESS"}, {"reason", nil}}},
		{"published", e.published.Format("2006-01-02T15:04:05.000Z")}, {"securityContext", ordered{}}, {"severity", "INFO"},
		{"debugContext", ordered{{"debugData", debug}}}, {"legacyEventType", nil}, {"transaction", transaction}, {"uuid", uuid}, {"version", "0"},
		{"request", ordered{{"ipChain", chain}}}, {"target", targets},
	})
}

// messageOf is the sentence of an event, as far as it is known; the rest bear their
// type, which is what readers go by.
func messageOf(kind string) string {
	return or(map[string]string{
		"application.user_membership.add": "Add user to application membership", "application.user_membership.remove": "Remove user's application membership",
		"group.user_membership.add": "Add user to group membership", "group.user_membership.remove": "Remove user from group membership",
		"group.application_assignment.add": "Add assigned application to group", "user.account.update_profile": "Update user profile for Okta",
		"user.lifecycle.deactivate": "Deactivate Okta User", "user.lifecycle.suspend": "Suspend Okta user",
	}[kind], kind)
}

// Who acts.
const (
	adminID = "00u1scimsyncadmin0d7"
	tokenID = "00T1scimsynctoken0d7"
)
