package attiotest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// firstDay is when the first person of a site joined, where it does not say.
var firstDay = time.Date(2024, time.January, 15, 9, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant in all but name

// load fills an empty world from a site.
func (w *world) load(s Site) error {
	if s.Workspace.Slug == "" {
		return fmt.Errorf("the workspace has no slug")
	}
	for i, c := range append([]Workspace{s.Workspace}, s.OtherWorkspaces...) {
		if err := w.addWorkspace(c); err != nil {
			return fmt.Errorf("workspace %d: %w", i+1, err)
		}
	}
	for i, a := range s.Accounts {
		if !validEmail(strings.TrimSpace(a.Email)) {
			return fmt.Errorf("account %d: %q is no email address", i+1, a.Email)
		}
		if a.GivenName == "" && a.FamilyName == "" {
			a.GivenName, a.FamilyName, _ = strings.Cut(a.Name, " ")
		}
		w.accountFor(a.Email, a.GivenName, a.FamilyName)
	}
	for i, m := range s.Members {
		if err := w.addAtStart(w.primary(), m, i); err != nil {
			return fmt.Errorf("member %d: %w", i+1, err)
		}
	}
	for _, ws := range w.workspaces[1:] {
		if err := w.peopleElsewhere(ws); err != nil {
			return fmt.Errorf("workspace %s: %w", ws.Slug, err)
		}
	}
	for i, t := range s.Teams {
		if err := w.addTeamAtStart(w.primary(), t); err != nil {
			return fmt.Errorf("team %d: %w", i+1, err)
		}
	}
	w.outbox = nil // what was sent before the start is nobody's concern
	return w.loadCredentials(s)
}

func (w *world) addWorkspace(c Workspace) error {
	if c.Slug == "" {
		return fmt.Errorf("it has no slug")
	}
	if w.workspace(c.Slug) != nil {
		return fmt.Errorf("there are two with the slug %s", c.Slug)
	}
	if c.ID == "" {
		c.ID = uuid("workspace/" + c.Slug)
	}
	if c.Name == "" {
		c.Name = c.Slug
	}
	if c.Plan == "" {
		c.Plan = Enterprise
	}
	c.VerifiedDomains = slices.Clone(c.VerifiedDomains)
	w.workspaces = append(w.workspaces, newWorkspace(c))
	return nil
}

func (w *world) peopleElsewhere(ws *workspace) error {
	for i, email := range append(slices.Clone(ws.Members), ws.PlainMembers...) {
		role := RoleAdmin
		if i >= len(ws.Members) {
			role = RoleMember
		}
		if err := w.addAtStart(ws, Member{Email: email, Role: role}, i); err != nil {
			return err
		}
	}
	return nil
}

// addAtStart lists somebody as the site has them; i orders the default dates.
func (w *world) addAtStart(ws *workspace, m Member, i int) error {
	p := &person{
		id: m.ID, email: strings.TrimSpace(m.Email), folded: fold(m.Email), given: m.GivenName, family: m.FamilyName,
		role: m.Role, status: m.Status, expert: m.Expert, created: m.CreatedAt,
	}
	switch {
	case !validEmail(p.email):
		return fmt.Errorf("%q is no email address", m.Email)
	case ws.byEmail[p.folded] != nil:
		return fmt.Errorf("%s is listed twice", m.Email)
	case p.id != "" && w.ids[p.id]:
		return fmt.Errorf("%s: the id %s is taken", m.Email, p.id)
	}
	if p.role == noRole {
		if p.role = RoleMember; p.expert {
			p.role = RoleAdmin
		}
	}
	if p.status == "" {
		p.status = Active
	}
	if p.role != RoleAdmin && p.role != RoleMember {
		return fmt.Errorf("%s: there is no role %q; the roles are admin and member", m.Email, p.role)
	}
	if p.expert && p.role != RoleAdmin {
		return fmt.Errorf("%s: an expert is an admin", m.Email)
	}
	if p.created.IsZero() {
		p.created = firstDay.Add(time.Duration(i) * time.Minute)
	}
	p.changed = p.created
	if p.id != "" {
		w.ids[p.id] = true
	}
	return w.placeAtStart(ws, p, m)
}

func (w *world) placeAtStart(ws *workspace, p *person, m Member) error {
	switch p.status {
	case Invited:
		w.invite(ws, p)
		return nil
	case Active, Suspended:
	default:
		return fmt.Errorf("%s: there is no status %q; it is active, suspended or invited", m.Email, p.status)
	}
	login := m.AccountEmail
	if login == "" {
		login = p.email
	}
	p.account, _ = w.accountFor(login, p.given, p.family)
	if p.given == "" && p.family == "" {
		p.given, p.family = p.account.given, p.account.family
	}
	if p.id == "" {
		p.id = w.newID(ws, "membership", p.folded)
	}
	p.rest = w.restID(ws, p)
	ws.enter(p)
	sessions := 1
	if m.Sessions != nil {
		sessions = *m.Sessions
	}
	for ; sessions > 0 && p.status == Active; sessions-- {
		w.startSession(ws, p)
	}
	return nil
}

func (w *world) addTeamAtStart(ws *workspace, t Team) error {
	if t.ID != "" {
		if w.ids[t.ID] {
			return fmt.Errorf("%s: the id %s is taken", t.Name, t.ID)
		}
		w.ids[t.ID] = true
	}
	members := make([]*person, 0, len(t.Members))
	for _, email := range t.Members {
		p := ws.byEmail[fold(email)]
		if p == nil {
			return fmt.Errorf("%s: %s is no member", t.Name, email)
		}
		members = append(members, p)
	}
	made, err := w.createTeam(ws, t.ID, t.Name, members)
	if err != nil {
		return err
	}
	made.created, made.changed = firstDay, firstDay
	return nil
}

func (w *world) loadCredentials(s Site) error {
	for i, t := range s.Tokens {
		if err := w.addToken(t); err != nil {
			return fmt.Errorf("token %d: %w", i+1, err)
		}
	}
	for i, a := range s.Apps {
		if a.ClientID == "" || a.ClientSecret == "" || len(a.RedirectURIs) == 0 {
			return fmt.Errorf("app %d: it needs a client_id, a client_secret and redirect_uris", i+1)
		}
		if w.apps[a.ClientID] != nil {
			return fmt.Errorf("app %d: the client_id %s is taken", i+1, a.ClientID)
		}
		for _, u := range a.RedirectURIs {
			if _, err := parseRedirect(u); err != nil {
				return fmt.Errorf("app %d: %w", i+1, err)
			}
		}
		if a.Name == "" {
			a.Name = a.ClientID
		}
		if a.Scopes == nil {
			a.Scopes = []string{ScopeWrite}
		}
		w.apps[a.ClientID] = &a
	}
	return nil
}

func (w *world) addToken(t Token) error {
	if t.Token == "" {
		return fmt.Errorf("it has no text")
	}
	if w.tokens[t.Token] != nil {
		return fmt.Errorf("its text is there twice")
	}
	ws := w.primary()
	if t.Workspace != "" {
		if ws = w.workspace(t.Workspace); ws == nil {
			return fmt.Errorf("there is no workspace %s", t.Workspace)
		}
	}
	made := &token{text: t.Token, ws: ws, scopes: slices.Clone(t.Scopes), issued: firstDay, clientID: uuid("developer-token/" + ws.Slug)}
	if t.Scopes == nil {
		made.scopes = []string{ScopeWrite}
	}
	if t.AuthorizedBy != "" {
		if made.author = ws.byEmail[fold(t.AuthorizedBy)]; made.author == nil {
			return fmt.Errorf("authorized_by: %s is no member", t.AuthorizedBy)
		}
	}
	made.revoked = t.Active != nil && !*t.Active
	w.tokens[t.Token] = made
	return nil
}
