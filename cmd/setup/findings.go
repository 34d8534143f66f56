package setup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
	"scim-sync/idp"
	"scim-sync/idp/okta"
)

// readApp reads who is assigned and which groups there are, shows what a run would
// make of it, and asks what is not clear. The directory is what was read.
func (w *wizard) readApp(ctx context.Context) (idp.Directory, error) {
	s, err := w.settings()
	if err != nil {
		return idp.Directory{}, err
	}
	side, err := cli.NewOktaSide(ctx, w.Program, s)
	if err != nil {
		return idp.Directory{}, err
	}
	w.Say("Reading who is assigned to " + view.Clean(w.draft.app) + " ...")
	teams := idp.AssignedGroups
	if w.options.teams != "" {
		teams = idp.TeamSource(w.options.teams)
	}
	d, err := side.Source.Directory(ctx, idp.Query{Teams: teams})
	if err != nil {
		return d, err
	}
	w.Say(peopleWords(d.People))
	if err := w.askRole(ctx, side.Source, d); err != nil {
		return d, err
	}
	return d, w.askTeams(ctx, d.Groups)
}

func peopleWords(people []idp.Person) string {
	n := map[idp.Access]int{}
	for _, p := range people {
		n[p.Access]++
	}
	text := view.Count(len(people), "person is", "people are") + " assigned"
	var parts []string
	for _, x := range []struct {
		access idp.Access
		words  string
	}{{idp.Granted, "active"}, {idp.Waiting, "not active yet"}, {idp.Suspended, "suspended"}, {idp.Revoked, "deactivated"}} {
		if n[x.access] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[x.access], x.words))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text + "."
}

// askRole shows the roles that were found. Where there are none it asks which
// attribute or group says who is an admin.
func (w *wizard) askRole(ctx context.Context, source idp.Source, d idp.Directory) error {
	w.draft.roleAttribute, w.draft.adminGroups = w.options.roleAttribute, w.options.adminGroups
	if text, found := roleWords(d.People); found {
		w.Say("Their roles: " + text + ". An admin has the word admin in it; all others are members.")
		return nil
	}
	if w.silent || len(w.draft.adminGroups) > 0 {
		return nil
	}
	var attributes []string
	if src, ok := source.(*okta.Source); ok {
		attributes, _ = src.ProfileAttributes(ctx) // only to help; doctor says what is wrong
	}
	w.Say("Nobody's profile says a role, so that nobody would be made an admin.")
	if len(attributes) > 0 && w.draft.roleAttribute == "" {
		w.Say("The app's profile has these attributes of your own: " + some(attributes) + ".")
		text, err := w.ask(ctx, "Which one holds the role? Empty: none", "")
		if err != nil {
			return err
		}
		if w.draft.roleAttribute = text; text != "" {
			return nil
		}
	}
	return w.askAdminGroup(ctx, d.Groups)
}

func (w *wizard) askAdminGroup(ctx context.Context, groups []idp.Group) error {
	text, err := w.ask(ctx, "The Okta group whose people are admins. Empty: none", "")
	if err != nil || text == "" {
		return err
	}
	for _, g := range groups {
		if strings.EqualFold(g.Name, text) {
			text = g.Name
		}
	}
	w.draft.adminGroups = []string{text}
	return nil
}

// roleWords counts the values of the role attribute, the most frequent first.
func roleWords(people []idp.Person) (text string, found bool) {
	counts, none := map[string]int{}, 0
	for _, p := range people {
		if !p.HasRole {
			none++
			continue
		}
		counts[strings.Join(p.Roles, " + ")]++
	}
	values := make([]string, 0, len(counts))
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, v := range values {
		values[i] = fmt.Sprintf("%s (%d)", view.Clean(v), counts[v])
	}
	if none > 0 {
		values = append(values, fmt.Sprintf("none (%d)", none))
	}
	return some(values), len(counts) > 0
}

// askTeams shows the teams that the groups would become, and asks whether they
// shall.
func (w *wizard) askTeams(ctx context.Context, groups []idp.Group) error {
	w.draft.teams = w.options.teams
	if w.draft.teams != "" {
		return nil
	}
	var names []string
	for _, g := range groups {
		if g.Team && !g.BuiltIn {
			names = append(names, fmt.Sprintf("%s (%d)", view.Clean(g.Name), g.Members.Len()))
		}
	}
	if len(names) == 0 {
		w.Say("No group is assigned to the app, so that no team would be made. A group that is assigned later becomes one.")
		w.draft.teams = string(idp.AssignedGroups)
		return nil
	}
	slices.Sort(names)
	w.Say(view.Count(len(names), "assigned group would become a team", "assigned groups would become teams") + ", with so many people: " + some(names) + ".")
	yes, err := w.agree(ctx, "Shall they?")
	if w.draft.teams = string(idp.AssignedGroups); !yes {
		w.draft.teams = string(idp.NoTeams)
	}
	return err
}
