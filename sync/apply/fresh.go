package apply

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"scim-sync/attio"
	"scim-sync/idp"
	core "scim-sync/sync"
)

// freshness is what has been asked again so far. It is safe for concurrent use.
type freshness struct {
	Fresh
	mu     sync.Mutex // over the app and the groups: many steps share them
	appAt  time.Duration
	groups map[string]reread

	list    list
	people  sync.Map // Okta id → answer
	excused sync.Map // Okta ids and team keys whose steps were not begun for it
}

// answer is what the source said again of somebody, and when.
type answer struct {
	at    time.Duration
	proof idp.Proof
}

// reread is a group as it was read again.
type reread struct {
	at    time.Duration
	there bool
	idp.Reread
}

func newFreshness(f Fresh) *freshness {
	return &freshness{Fresh: f, list: list{Fresh: f}, appAt: f.Read, groups: map[string]reread{}}
}

// check asks again for what steps rest on, where that has grown old. The error
// is a *StaleError.
func (f *freshness) check(ctx context.Context, steps ...*core.Step) error {
	for _, s := range steps {
		if err := f.one(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (f *freshness) one(ctx context.Context, s *core.Step) error {
	if f.Source == nil || s.Record == nil || !s.Action.Writes() || !f.old(f.Read) {
		return nil
	}
	err := f.app(ctx)
	if err == nil && s.Person != nil {
		err = f.person(ctx, s)
	}
	if err == nil && len(s.Record.Groups) > 0 {
		err = f.groupsOf(ctx, s)
	}
	return err
}

// app makes sure that the app's assignments still mean something.
func (f *freshness) app(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.old(f.appAt) {
		return nil
	}
	at := f.Elapsed()
	app, err := f.Source.App(ctx)
	if err == nil {
		err = app.MustBeActive()
	}
	if err != nil {
		return unasked("the app", err)
	}
	f.appAt = at
	return nil
}

// person makes sure that the source still says of somebody what the step rests on.
func (f *freshness) person(ctx context.Context, s *core.Step) error {
	id := s.Person.OktaID
	if had, asked := f.people.Load(id); asked && !f.old(had.(answer).at) {
		return nil
	}
	if s.Record.Seen != nil {
		listed, err := f.list.has(ctx, s.Record.Seen)
		if err != nil {
			return unasked("who is assigned", err)
		}
		if listed {
			return nil
		}
	}
	at := f.Elapsed()
	now, err := f.Source.Person(ctx, id)
	if err != nil {
		return unasked(s.Person.Email, err)
	}
	if why := differs(s.Record.Seen, now); why != "" {
		return changed(why)
	}
	f.people.Store(id, answer{at, now.Proof})
	return nil
}

// proof is what an absence rests on by now, nil where there is none.
func (f *freshness) proof(s *core.Step) *idp.Proof {
	was := s.Record.Proof
	if was == nil || *was == (idp.Proof{}) {
		return nil
	}
	if s.Person != nil {
		if again, asked := f.people.Load(s.Person.OktaID); asked {
			now := again.(answer).proof
			return &now
		}
	}
	return was
}

// groupsOf makes sure that the groups of a step are still what it rests on.
func (f *freshness) groupsOf(ctx context.Context, s *core.Step) error {
	switch {
	case s.Action == core.DeleteTeam, s.Action == core.CreateTeam, s.Action == core.RenameTeam:
		return f.exist(ctx, s)
	case s.Person != nil:
		return f.among(ctx, s.Record.Groups, []string{s.Person.OktaID}, s.After.Role == attio.RoleAdmin)
	}
	var ids []string
	for _, m := range s.People {
		if m.OktaID != "" { // else a stranger, who is in no group
			ids = append(ids, m.OktaID)
		}
	}
	return f.among(ctx, s.Record.Groups, ids, s.Action == core.AddMembers)
}

// exist makes sure that a team's groups are there under their names, or still gone.
func (f *freshness) exist(ctx context.Context, s *core.Step) error {
	for _, g := range s.Record.Groups {
		now, err := f.Source.Group(ctx, g.ID)
		switch {
		case err != nil:
			return unasked("the group "+g.ID, err)
		case now.Exists == (s.Action == core.DeleteTeam):
			return changed("the group " + g.ID + " has come or gone")
		case now.Exists && now.Group.Name != g.Name:
			return changed("the group " + g.Name + " has another name")
		}
	}
	return nil
}

// among makes sure that people are in one of the groups, or in none of them. A
// source that does not read groups again has no other answer.
func (f *freshness) among(ctx context.Context, groups []idp.GroupRef, ids []string, in bool) error {
	src, ok := f.Source.(idp.Rereader)
	if !ok || len(ids) == 0 {
		return nil
	}
	lists, err := f.members(ctx, src, groups)
	if err != nil {
		return unasked("the group "+groups[0].Name, err)
	}
	for i, l := range lists {
		if !l.there || l.Unsure && !in {
			return changed("who is in the group " + groups[i].Name + " is not known any more")
		}
	}
	for _, id := range ids {
		if slices.ContainsFunc(lists, func(l reread) bool { return l.Members.Has(id) }) != in {
			return changed(fmt.Sprintf("the person %s has joined or left the group", id))
		}
	}
	return nil
}

// members reads groups again, each of them no more than once in two minutes.
func (f *freshness) members(ctx context.Context, src idp.Rereader, groups []idp.GroupRef) ([]reread, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ask []idp.GroupRef
	for _, g := range groups {
		if have, ok := f.groups[g.ID]; !ok || f.old(have.at) {
			ask = append(ask, g)
		}
	}
	if len(ask) > 0 {
		at := f.Elapsed()
		read, err := src.Members(ctx, ask)
		if err != nil {
			return nil, err
		}
		for _, g := range ask {
			now, there := read[g.ID]
			f.groups[g.ID] = reread{at, there, now}
		}
	}
	lists := make([]reread, len(groups))
	for i, g := range groups {
		lists[i] = f.groups[g.ID]
	}
	return lists, nil
}
