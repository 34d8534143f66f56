package okta

import (
	"context"
	"slices"
	"strings"

	"scim-sync/idp"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
)

// Directory implements [idp.Source]. The app is read first; then its people
// and the groups are read side by side. Progress hears "app users" and "group
// members" with the number read so far.
func (s *Source) Directory(ctx context.Context, q idp.Query) (idp.Directory, error) {
	before := s.stats.asked.Load()
	app, now, err := s.activeApp(ctx)
	if err != nil {
		return idp.Directory{}, err
	}
	dir := idp.Directory{Origin: idp.Origin{Name: "Okta", OrgURL: s.org, AppID: s.appID, AppLabel: app.Label}}
	r := reading{query: q, texts: idset.NewDictionary(), progress: q.Progress, builtIn: map[string]bool{}, cache: s.useCache(ctx, q, now)}
	if r.progress == nil {
		r.progress = func(string, int) {}
	}
	decoder := s.newUserDecoder(r.texts)
	var notes []idp.Note
	work, ctx := group.WithContext(ctx)
	work.Go(func() (err error) {
		if dir.People, err = s.listPeople(ctx, decoder, r.progress); err != nil {
			return err
		}
		dir.RoleAttribute, dir.EmailAttribute, err = s.attributes(ctx, decoder)
		return err
	})
	work.Go(func() (err error) {
		dir.Groups, notes, err = s.readGroups(ctx, r)
		return err
	})
	if err := work.Wait(); err != nil {
		return idp.Directory{}, err
	}
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
	query    idp.Query
	texts    *idset.Dictionary
	progress func(what string, n int)
	builtIn  map[string]bool // ids of groups that Okta keeps itself; filled with the groups
	cache    *cacheUse
}

// readGroups reads the groups of the query with their members: those that
// become teams and are wanted, and those of admins.
func (s *Source) readGroups(ctx context.Context, r reading) ([]idp.Group, []idp.Note, error) {
	q := r.query
	var teams, admins []found
	var notes []idp.Note
	work, wctx := group.WithContext(ctx)
	work.Go(func() error { return s.look(wctx, r.cache) })
	work.Go(func() (err error) {
		if teams, notes, err = s.teamGroups(wctx, q); err == nil && len(q.AdminGroups) > 0 {
			admins, err = s.adminGroups(wctx, q.AdminGroups)
		}
		return err
	})
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
