package attiotest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

type scimMember struct {
	Value string `json:"value"`
	Ref   string `json:"$ref,omitempty"`
}

// scimGroup is a team as Attio answers
// (https://docs.attio.com/rest-api/scim/get-group-by-id).
type scimGroup struct {
	Schemas     []string      `json:"schemas"`
	ID          string        `json:"id"`
	DisplayName string        `json:"displayName"`
	Members     *[]scimMember `json:"members,omitempty"`
	Meta        scimMeta      `json:"meta"`
}

func (s *Server) group(t *team, members bool) scimGroup {
	g := scimGroup{Schemas: []string{schemaGroup}, ID: t.id, DisplayName: t.name, Meta: metaOf("Group", t.created, t.changed)}
	if !members {
		return g
	}
	list := make([]scimMember, 0, len(t.members))
	for _, id := range s.world.shown(t) {
		list = append(list, scimMember{Value: id, Ref: "/scim/v2/Users/" + id})
	}
	g.Members = &list
	return g
}

// shown is the ids under which a team lists its members.
func (w *world) shown(t *team) []string {
	ids := make([]string, 0, len(t.members))
	for _, p := range t.members {
		if p.status == Suspended && w.b.TeamsHideSuspended {
			continue
		}
		id := p.id
		if old, ok := t.shownAs[p]; ok {
			id = old
		}
		ids = append(ids, id)
	}
	return ids
}

func (s *Server) listGroups(c call) error {
	found := c.ws.teams
	if text := c.r.URL.Query().Get("filter"); text != "" {
		f, err := parseFilter(text)
		switch {
		case err != nil:
			return err
		case f.attribute != "displayname" || f.truth != nil:
			return badFilter("Groups are filtered by displayName alone, compared with a text.")
		}
		found = nil
		for _, t := range c.ws.teams {
			if f.textMatches(t.name, s.world.b.TeamNamesCaseSensitive) {
				found = append(found, t)
			}
		}
	}
	members := !s.world.b.ListOmitsMembers && !excludesMembers(c.r)
	found = without(s, c.r, found, func(t *team) string { return t.id })
	return answerList(s, c, found, func(t *team) scimGroup { return s.group(t, members) })
}

func (s *Server) findTeam(c call) (*team, error) {
	if t := c.ws.teamByID[c.r.PathValue("id")]; t != nil {
		return t, nil
	}
	return nil, notFound("There is no group with the id %s.", c.r.PathValue("id"))
}

func (s *Server) getGroup(c call) error {
	t, err := s.findTeam(c)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, s.group(t, !excludesMembers(c.r)))
	return nil
}

type groupBody struct {
	Schemas     []string      `json:"schemas"`
	DisplayName *string       `json:"displayName"`
	Members     *[]scimMember `json:"members"`
}

func groupBodyOf(r *http.Request) (groupBody, error) {
	var b groupBody
	if err := decode(r, &b); err != nil {
		return b, err
	}
	if err := needSchema(b.Schemas, schemaGroup); err != nil {
		return b, err
	}
	if b.DisplayName == nil || strings.TrimSpace(*b.DisplayName) == "" {
		return b, missing("displayName is required and must not be empty.")
	}
	return b, nil
}

// people resolves the ids of a request, each once. t may be nil.
func (s *Server) people(ws *workspace, t *team, list []scimMember) ([]*person, error) {
	out := make([]*person, 0, len(list))
	seen := make(map[*person]bool, len(list))
	for _, m := range list {
		p := s.memberByID(ws, t, m.Value)
		if s.refusesMember(p) {
			return nil, badValue("The user with the id %s cannot be in a group.", m.Value)
		}
		if p == nil {
			if s.world.b.UnknownTeamMemberIgnored {
				continue
			}
			return nil, badValue("There is no user with the id %s.", m.Value)
		}
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out, nil
}

// tooManyMembers refuses requests beyond Behaviour.MaxMembersPerWrite.
func (s *Server) tooManyMembers(n int) error {
	if limit := s.world.b.MaxMembersPerWrite; limit > 0 && n > limit {
		return tooMuch("At most %d members can be changed by one request.", limit)
	}
	return nil
}

// refusesMember says whether Behaviour.RefusesMember is about somebody.
func (s *Server) refusesMember(p *person) bool {
	return p != nil && s.world.b.RefusesMember != "" && p.folded == fold(s.world.b.RefusesMember)
}

// memberByID knows the old id of someone whom a team still lists under it, too.
func (s *Server) memberByID(ws *workspace, t *team, id string) *person {
	if p := ws.byID[id]; p != nil {
		return p
	}
	p := ws.stale[id]
	if p != nil && (s.world.b.StaleInviteResolves || t != nil && t.shownAs[p] == id) {
		return p
	}
	return nil
}

func (s *Server) postGroup(c call) error {
	b, err := groupBodyOf(c.r)
	if err != nil {
		return err
	}
	if err := s.tooManyMembers(len(or(b.Members, nil))); err != nil {
		return err
	}
	members, err := s.people(c.ws, nil, or(b.Members, nil))
	if err != nil {
		return err
	}
	t, err := s.world.createTeam(c.ws, "", *b.DisplayName, members)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusCreated, s.group(t, true))
	return nil
}

func (s *Server) putGroup(c call) error {
	t, err := s.findTeam(c)
	if err != nil {
		return err
	}
	b, err := groupBodyOf(c.r)
	if err != nil {
		return err
	}
	if b.Members == nil {
		return missing("members is required.")
	}
	if err := s.tooManyMembers(len(*b.Members)); err != nil {
		return err
	}
	a := teamAlteration{name: b.DisplayName, membersToo: true, renewed: renewed(c.ws, t, *b.Members)}
	if a.members, err = s.people(c.ws, t, *b.Members); err != nil {
		return err
	}
	return s.alteredTeam(c, t, a, false)
}

func (s *Server) deleteGroup(c call) error {
	t, err := s.findTeam(c)
	if err != nil {
		return err
	}
	s.world.deleteTeam(c.ws, t)
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// teamAlteration is a team as a PUT or PATCH wants it.
type teamAlteration struct {
	name       *string
	members    []*person
	membersToo bool
	renewed    []*person // named by a new id, though listed under an old one
	changes    int       // memberships the request speaks of
}

// renewed finds those whom a request names by their present id while the team
// lists them under that of their invite.
func renewed(ws *workspace, t *team, list []scimMember) (out []*person) {
	for _, m := range list {
		if p := ws.byID[m.Value]; p != nil && t.shownAs[p] != "" {
			out = append(out, p)
		}
	}
	return out
}

func (s *Server) alterTeam(c call, t *team, a teamAlteration) error {
	if a.name != nil {
		if err := s.world.renameTeam(c.ws, t, *a.name); err != nil {
			return err
		}
	}
	if a.membersToo {
		s.world.setMembers(t, a.members)
	}
	for _, p := range a.renewed {
		delete(t.shownAs, p)
	}
	return nil
}

func (s *Server) alteredTeam(c call, t *team, a teamAlteration, patch bool) error {
	if !s.world.b.SilentNoop {
		if err := s.alterTeam(c, t, a); err != nil {
			return err
		}
	}
	if patch && s.world.b.PatchAnswers204 {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	writeJSON(c.w, http.StatusOK, s.group(t, true))
	return nil
}

func (s *Server) patchGroup(c call) error {
	t, err := s.findTeam(c)
	if err != nil {
		return err
	}
	ops, err := patchOf(c.r)
	if err != nil {
		return err
	}
	a := teamAlteration{members: slices.Clone(t.members)}
	for _, op := range ops {
		next := a
		if s.world.b.PatchKeepsGood {
			next.members = slices.Clone(a.members)
		}
		if err := s.groupOp(c.ws, t, &next, op); err != nil {
			if s.world.b.PatchKeepsGood && !s.world.b.SilentNoop {
				if first := s.alterTeam(c, t, a); first != nil {
					return first
				}
			}
			return err
		}
		a = next
	}
	return s.alteredTeam(c, t, a, true)
}

// groupOp adds one operation to what a team is to become.
func (s *Server) groupOp(ws *workspace, t *team, a *teamAlteration, op patchOp) error {
	if op.Path != nil && *op.Path != "" {
		return s.groupPath(ws, t, a, op)
	}
	m, err := op.keyed()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		switch strings.ToLower(name) {
		case "id", "schemas": // Okta repeats them
		default:
			if err := s.groupPath(ws, t, a, patchOp{Op: op.Op, Path: &name, Value: m[name]}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Server) groupPath(ws *workspace, t *team, a *teamAlteration, op patchOp) error {
	switch path := strings.ToLower(*op.Path); path {
	case "displayname":
		var name *string
		if op.Op == "remove" {
			return badPath("displayName cannot be removed.")
		}
		if err := json.Unmarshal(op.Value, &name); err != nil || name == nil {
			return badValue("displayName has to be a text.")
		}
		a.name = name
		return s.world.mayRename(ws, t, *name)
	case "members":
		return s.membersOp(ws, t, a, op)
	}
	id, ok := memberPath(*op.Path)
	if !ok || op.Op != "remove" {
		return badPath(`There is no %s of %s; the paths are displayName, members, and members[value eq "id"] to remove one.`, op.Op, *op.Path)
	}
	a.membersToo = true
	a.changes++
	if err := s.tooManyMembers(a.changes); err != nil {
		return err
	}
	p := s.memberByID(ws, t, id)
	if s.refusesMember(p) {
		return badValue("The user with the id %s cannot leave a group.", id)
	}
	a.members = slices.DeleteFunc(a.members, func(q *person) bool { return q == p })
	return nil // removing who is not there is done
}

func (s *Server) membersOp(ws *workspace, t *team, a *teamAlteration, op patchOp) error {
	var list []scimMember
	if len(op.Value) > 0 {
		if err := json.Unmarshal(op.Value, &list); err != nil {
			return badValue("members takes a list of objects with a value.")
		}
	}
	if list == nil && op.Op != "remove" {
		return badValue("members takes a list of objects with a value.")
	}
	a.changes += len(list)
	if err := s.tooManyMembers(a.changes); err != nil {
		return err
	}
	named, err := s.people(ws, t, list)
	if err != nil {
		return err
	}
	a.membersToo = true
	if op.Op != "remove" {
		a.renewed = append(a.renewed, renewed(ws, t, list)...)
	}
	switch {
	case op.Op == "replace" || op.Op == "add" && s.world.b.AddReplacesMembers:
		a.members = named
	case op.Op == "add":
		a.members = append(a.members, named...)
	case list == nil || s.world.b.RemoveListEmptiesTeam:
		a.members = nil
	default:
		gone := make(map[*person]bool, len(named))
		for _, p := range named {
			gone[p] = true
		}
		a.members = slices.DeleteFunc(a.members, func(p *person) bool { return gone[p] })
	}
	return nil
}
