package okta

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// Directory implements [idp.Source]. The app, its people, the groups, and what
// changed are asked for at once: what the lists say counts once the app's answer
// does, and an error of the app goes before any of theirs. Progress hears "app
// users" and "group members" with the number read so far.
func (s *Source) Directory(ctx context.Context, q idp.Query) (idp.Directory, error) {
	before := s.stats.asked.Load()
	if q.Progress == nil {
		q.Progress = func(string, int) {}
	}
	lists, lctx := group.WithContext(ctx)
	app := s.askApp(ctx, lists)
	r := reading{query: q, texts: idset.NewDictionary(), builtIn: map[string]bool{}, old: s.load(ctx), app: app}
	r.turns = turnsOf(q, r.old.usable(q))
	decoder := s.newUserDecoder(r.texts)
	dir := idp.Directory{}
	var notes []idp.Note
	lists.Go(func() (err error) {
		if err := r.turns.people.wait(lctx); err != nil {
			return err
		}
		dir.People, err = s.listPeople(lctx, decoder, func(what string, n int) {
			r.turns.groups.pass()
			q.Progress(what, n)
		})
		if err != nil {
			return err
		}
		dir.RoleAttribute, dir.EmailAttribute, err = s.attributes(lctx, decoder)
		return err
	})
	lists.Go(func() (err error) {
		dir.Groups, notes, err = s.readGroups(lctx, &r)
		return err
	})
	if err := lists.Wait(); app.err != nil || err != nil {
		err = cmp.Or(app.err, err)
		if ctx.Err() != nil { // one that only waited for its turn says so as well
			err = s.fail(ctx, task{op: "read the directory"}, err)
		}
		return idp.Directory{}, err
	}
	dir.Origin = idp.Origin{Name: "Okta", OrgURL: s.org, AppID: s.appID, AppLabel: app.Label}
	s.learnedFrom(r.cache)
	dir.Sight = r.cache.sight
	s.stats.fullCycle.Store(s.stats.asked.Load() - before + s.stats.spared.Load() - int64(r.cache.looked))
	dir.Notes = sortedNotes(append(decoder.notes(), notes...))
	// A person's entry does not say of what kind the group is it came from.
	for i := range dir.People {
		via := &dir.People[i].Via
		via.BuiltIn = r.builtIn[via.ID]
	}
	return dir, nil
}

// reading is what the parts of one reading share.
type reading struct {
	query   idp.Query
	texts   *idset.Dictionary
	builtIn map[string]bool // ids of groups that Okta keeps itself; filled with the groups
	app     *askedApp
	turns   turns
	old     *groupCache // what earlier runs have left; nil: nothing
	cache   *cacheUse   // how it is used, once the app's answer has told the time
}

// readGroups reads the groups of the query with their members: those that
// become teams and are wanted, and those of admins.
func (s *Source) readGroups(ctx context.Context, r *reading) ([]idp.Group, []idp.Note, error) {
	q := r.query
	var teams, admins []found
	var notes []idp.Note
	work, wctx := group.WithContext(ctx)
	work.Go(func() (err error) {
		r.cache, err = s.look(wctx, r)
		return err
	})
	work.Go(func() (err error) {
		if err := r.turns.groups.wait(wctx); err != nil {
			return err
		}
		teams, notes, err = s.teamGroups(wctx, q, r.turns.people.pass)
		return err
	})
	if len(q.AdminGroups) > 0 {
		work.Go(func() (err error) {
			admins, err = s.adminGroups(wctx, q.AdminGroups)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, nil, err
	}
	wanted := map[string]wantedGroup{}
	for _, g := range teams {
		if g.BuiltIn {
			r.builtIn[g.ID] = true
		}
		if q.Wanted == nil || q.Wanted(g.GroupRef) {
			wanted[g.ID] = wantedGroup{found: g, team: true}
		}
	}
	for _, g := range admins {
		w := wanted[g.ID]
		w.found, w.admin = g, true
		wanted[g.ID] = w
	}
	list := make([]wantedGroup, 0, len(wanted))
	for _, w := range wanted {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b wantedGroup) int { return strings.Compare(a.ID, b.ID) })
	groups, more, err := s.readMembers(ctx, list, r)
	return groups, append(notes, more...), err
}

// FullCycle is how many requests the last Directory would have taken without a
// cache; 0 before the first.
func (s *Source) FullCycle() int { return int(s.stats.fullCycle.Load()) }

// sortedNotes puts notes in one order, whatever order the answers came in.
func sortedNotes(notes []idp.Note) []idp.Note {
	slices.SortFunc(notes, func(a, b idp.Note) int {
		return strings.Compare(a.Code+"\x00"+a.Subject+"\x00"+a.Detail, b.Code+"\x00"+b.Subject+"\x00"+b.Detail)
	})
	return notes
}
