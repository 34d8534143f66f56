package planner

import (
	"context"
	"fmt"
	core "scim-sync/sync"
	"scim-sync/sync/apply"
	"slices"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// fakeAttio is a workspace in memory that can be read and written by one at a time.
type fakeAttio struct {
	attio.Reader
	ws       attio.Workspace
	verified []string
	n        int
	fail     map[core.Action]bool // these writes are refused
	with     *attio.Error         // in this way; nil: 400
	check    error                // what Check says
	checks   int
	spells   func(name string) string
	stubborn bool // says yes to names and addresses of people, and keeps them
	// refuses says which changes of a team's members are refused, and how.
	refuses func(a core.Action, ids []string) error
	leaves  string                   // whom no team takes, though the answer is well
	full    func() error             // why nobody more is taken
	arrives func(*attio.Member) bool // what else becomes of somebody provisioned; false: nobody is there
	sent    []int                    // how many people each change of members named
	waits   func()                   // what a write waits for before it leaves
}

func (f *fakeAttio) clone() *fakeAttio {
	g := *f
	g.ws.Members = slices.Clone(f.ws.Members)
	g.ws.Teams = slices.Clone(f.ws.Teams)
	return &g
}
func (f *fakeAttio) find(id string) *attio.Member {
	for i := range f.ws.Members {
		if f.ws.Members[i].ID == id {
			return &f.ws.Members[i]
		}
	}
	return nil
}
func (f *fakeAttio) team(id string) *attio.Team {
	for i := range f.ws.Teams {
		if f.ws.Teams[i].ID == id {
			return &f.ws.Teams[i]
		}
	}
	return nil
}

var ok200 = attio.Receipt{Status: 200}

func (f *fakeAttio) no(ctx context.Context, a core.Action) error {
	if f.waits != nil {
		f.waits()
	}
	if look := attio.LastLook(ctx); look != nil {
		if err := look(ctx); err != nil {
			return &attio.Error{Kind: attio.Unavailable, Unsent: true, Err: err}
		}
	}
	if f.fail[a] && f.with != nil {
		return f.with
	}
	if f.fail[a] {
		return &attio.Error{Kind: attio.Refused, Op: string(a), Status: 400}
	}
	return nil
}

func (f *fakeAttio) noMembers(ctx context.Context, a core.Action, ids []string) error {
	f.sent = append(f.sent, len(ids))
	if f.refuses != nil {
		if err := f.refuses(a, ids); err != nil {
			return err
		}
	}
	return f.no(ctx, a)
}
func (f *fakeAttio) Check(context.Context) error { f.checks++; return f.check }

func gone() error { return &attio.Error{Kind: attio.Gone, Status: 404} }

func (f *fakeAttio) Provision(ctx context.Context, n attio.NewMember) (attio.Member, attio.Receipt, error) {
	if err := f.no(ctx, core.Provision); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	if f.full != nil {
		if err := f.full(); err != nil {
			return attio.Member{}, attio.Receipt{}, err
		}
	}
	for _, m := range f.ws.Members {
		if attio.FoldEmail(m.Email) == attio.FoldEmail(n.Email) {
			return m, attio.Receipt{Status: 409}, &attio.Error{Kind: attio.Conflict, Status: 409}
		}
	}
	f.n++
	m := attio.Member{ID: fmt.Sprint("new", f.n), Email: n.Email, Profile: attio.Profile{GivenName: n.GivenName, FamilyName: n.FamilyName}, Role: n.Role, Status: attio.Invited}
	if m.Role == "" {
		m.Role = attio.RoleMember
	}
	_, dom, _ := strings.Cut(attio.FoldEmail(n.Email), "@")
	if slices.Contains(f.verified, dom) {
		m.Status = attio.Active
	}
	if f.arrives != nil && !f.arrives(&m) {
		return attio.Member{}, attio.Receipt{Status: 201}, &attio.Error{Kind: attio.NotMade, Status: 201}
	}
	f.ws.Members = append(f.ws.Members, m)
	return m, attio.Receipt{Status: 201}, nil
}
func (f *fakeAttio) Suspend(ctx context.Context, id string) (attio.Receipt, error) {
	if err := f.no(ctx, core.Suspend); err != nil {
		return attio.Receipt{}, err
	}
	m := f.find(id)
	if m == nil {
		return attio.Receipt{}, gone()
	}
	m.Status, m.Role = attio.Suspended, ""
	return ok200, nil
}
func (f *fakeAttio) CancelInvite(ctx context.Context, id string) (attio.Receipt, error) {
	if err := f.no(ctx, core.CancelInvite); err != nil {
		return attio.Receipt{}, err
	}
	f.ws.Members = slices.DeleteFunc(f.ws.Members, func(m attio.Member) bool { return m.ID == id })
	for i := range f.ws.Teams {
		f.ws.Teams[i].Members = idset.Of(slices.DeleteFunc(slices.Clone(f.ws.Teams[i].Members.IDs()), func(x string) bool { return x == id })...)
	}
	return attio.Receipt{Status: 204}, nil
}
func (f *fakeAttio) Reactivate(ctx context.Context, id string, role attio.Role) (attio.Member, attio.Receipt, error) {
	if err := f.no(ctx, core.Reactivate); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	m := f.find(id)
	m.Status, m.Role = attio.Active, role
	return *m, ok200, nil
}
func (f *fakeAttio) SetRole(ctx context.Context, id string, role attio.Role) (attio.Member, attio.Receipt, error) {
	a := core.Promote
	if role == attio.RoleMember {
		a = core.Demote
	}
	if err := f.no(ctx, a); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	m := f.find(id)
	if m == nil {
		return attio.Member{}, attio.Receipt{}, gone()
	}
	m.Role = role
	return *m, ok200, nil
}
func (f *fakeAttio) SetName(ctx context.Context, id string, p attio.Profile) (attio.Member, attio.Receipt, error) {
	if err := f.no(ctx, core.Rename); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	m := f.find(id)
	if m == nil {
		return attio.Member{}, attio.Receipt{}, gone()
	}
	if !f.stubborn {
		m.Profile = m.Merge(p)
	}
	return *m, ok200, nil
}
func (f *fakeAttio) ChangeEmail(ctx context.Context, just attio.Member, email string) (attio.Member, attio.Receipt, error) {
	if err := f.no(ctx, core.ChangeEmail); err != nil {
		return attio.Member{}, attio.Receipt{}, err
	}
	for _, o := range f.ws.Members {
		if o.ID != just.ID && attio.FoldEmail(o.Email) == attio.FoldEmail(email) {
			return attio.Member{}, attio.Receipt{}, &attio.Error{Kind: attio.Conflict, Status: 409}
		}
	}
	m := f.find(just.ID)
	if !f.stubborn {
		m.Email = email
	}
	return *m, ok200, nil
}
func (f *fakeAttio) CreateTeam(ctx context.Context, name string, ids []string) (attio.Team, attio.Receipt, error) {
	if err := f.noMembers(ctx, core.CreateTeam, ids); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	for _, o := range f.ws.Teams {
		if attio.FoldName(o.Name) == attio.FoldName(name) {
			return o, attio.Receipt{Status: 409}, &attio.Error{Kind: attio.Conflict, Status: 409}
		}
	}
	f.n++
	t := attio.Team{ID: fmt.Sprint("newt", f.n), Name: name, Members: idset.Of(ids...)}
	f.ws.Teams = append(f.ws.Teams, t)
	return t, attio.Receipt{Status: 201}, nil
}
func (f *fakeAttio) RenameTeam(ctx context.Context, id, name string) (attio.Team, attio.Receipt, error) {
	if err := f.no(ctx, core.RenameTeam); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	for _, o := range f.ws.Teams {
		if o.ID != id && attio.FoldName(o.Name) == attio.FoldName(name) {
			return attio.Team{}, attio.Receipt{}, &attio.Error{Kind: attio.Conflict, Status: 409}
		}
	}
	t := f.team(id)
	if t.Name = name; f.spells != nil {
		t.Name = f.spells(name)
	}
	return *t, ok200, nil
}
func (f *fakeAttio) DeleteTeam(_ context.Context, id string) (attio.Receipt, error) {
	f.ws.Teams = slices.DeleteFunc(f.ws.Teams, func(t attio.Team) bool { return t.ID == id })
	return ok200, nil
}
func (f *fakeAttio) AddMembers(ctx context.Context, id string, ids []string) (attio.Team, attio.Receipt, error) {
	if err := f.noMembers(ctx, core.AddMembers, ids); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	t := f.team(id)
	all := slices.Clone(t.Members.IDs())
	for _, i := range ids {
		if f.find(i) == nil {
			return attio.Team{}, attio.Receipt{}, &attio.Error{Kind: attio.Refused, Status: 400, Detail: "no such member " + i}
		}
		if !slices.Contains(all, i) && i != f.leaves {
			all = append(all, i)
		}
	}
	t.Members = idset.Of(all...)
	return *t, ok200, nil
}
func (f *fakeAttio) RemoveMembers(ctx context.Context, id string, ids []string) (attio.Team, attio.Receipt, error) {
	if err := f.noMembers(ctx, core.RemoveMembers, ids); err != nil {
		return attio.Team{}, attio.Receipt{}, err
	}
	t := f.team(id)
	t.Members = idset.Of(slices.DeleteFunc(slices.Clone(t.Members.IDs()), func(x string) bool { return slices.Contains(ids, x) })...)
	return *t, ok200, nil
}
func (f *fakeAttio) Member(_ context.Context, id string) (attio.Member, error) {
	if m := f.find(id); m != nil {
		return *m, nil
	}
	return attio.Member{}, gone()
}
func (f *fakeAttio) FindMember(_ context.Context, e string) (attio.Member, bool, error) {
	for _, m := range f.ws.Members {
		if attio.FoldEmail(m.Email) == attio.FoldEmail(e) {
			return m, true, nil
		}
	}
	return attio.Member{}, false, nil
}
func (f *fakeAttio) Joined(context.Context) ([]attio.Member, error) {
	var l []attio.Member
	for _, m := range f.ws.Members {
		if m.Status != attio.Invited {
			l = append(l, m)
		}
	}
	return l, nil
}

// memoryJournal is a journal in memory.
type memoryJournal struct {
	mu stdsync.Mutex
	m  *core.Managed
	n  uint64
}

func (l *memoryJournal) Announce(context.Context, core.Intent) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n++
	return l.n, nil
}

func (l *memoryJournal) Complete(_ context.Context, _ uint64, o core.Outcome) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.m.Apply(o.Change)
	return nil
}

func (l *memoryJournal) Learn(_ context.Context, _ *core.Step, c core.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.m.Apply(c)
	return nil
}

// fake is the scene's workspace, to be written to.
func (s *scene) fake() *fakeAttio {
	f := &fakeAttio{ws: s.in.Workspace, verified: s.in.Policy.VerifiedDomains, n: max(s.made, len(s.in.Workspace.Members)+len(s.in.Workspace.Teams)), fail: map[core.Action]bool{}, spells: s.spells, stubborn: s.stubborn, refuses: s.refuses, arrives: s.arrives}
	return f.clone()
}

// run proposes a plan, carries it out in the scene's own workspace and state,
// and says what was done. The writes named by fails are refused.
func (s *scene) run(t *testing.T, fails ...core.Action) (*Draft, core.Report) {
	t.Helper()
	f := s.fake()
	for _, a := range fails {
		f.fail[a] = true
	}
	return s.runAt(t, f)
}

// runAt is run with a fake of one's own.
func (s *scene) runAt(t *testing.T, f *fakeAttio) (*Draft, core.Report) {
	t.Helper()
	p := s.propose(t)
	if p.Blocked {
		t.Fatal("blocked:", refusalWords(p.Plan.Refusals))
	}
	at := s.in.Now
	r := apply.Apply(t.Context(), &p.Planned, apply.Ports{Reader: f, Writer: f, Journal: &memoryJournal{m: &s.in.Managed}, Now: func() time.Time { return at }, Parallel: 1})
	s.in.Workspace, s.sent, s.made = f.ws, f.sent, f.n
	return p, r
}
