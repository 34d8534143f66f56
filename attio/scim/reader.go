package scim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/idset"
)

// Reader implements attio.Reader. It holds no way to write: it has no such
// method, and what carries its requests refuses everything but GET.
type Reader struct {
	line     line
	slots    chan struct{} // one for each request in flight
	parallel int
	seen     *memory
}

var _ attio.Reader = (*Reader)(nil)

// NewReader makes a Reader. The error says which option is wrong.
func NewReader(o Options) (*Reader, error) {
	o, api, scim, err := o.checked()
	if err != nil {
		return nil, err
	}
	return &Reader{
		line:     line{rt: getOnly{o.Transport}, token: o.Token, api: api, scim: scim},
		slots:    make(chan struct{}, o.Parallel),
		parallel: o.Parallel,
		seen:     new(memory),
	}, nil
}

// get makes one GET request when there is a slot for it.
func (r *Reader) get(ctx context.Context, c call) (answer, error) {
	c.method = http.MethodGet
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return answer{}, fromTransport(ctx, c, ctx.Err())
	}
	defer func() { <-r.slots }()
	return r.line.do(ctx, c)
}

// Workspace implements attio.Reader: members over SCIM and REST, teams, and
// what the token is, all at once but for those who joined: they are asked for
// after the users, so that somebody who accepts an invite in between is never
// taken for an invite under the id of a member. progress is called by one
// goroutine at a time.
func (r *Reader) Workspace(ctx context.Context, progress func(what string, n int)) (attio.Workspace, error) {
	var (
		w      attio.Workspace
		users  []attio.Member
		joined []attio.Member
		in     = idset.NewDictionary()
		count  = newCounter(progress)
	)
	g, ctx := newGroup(ctx, 4)
	g.Go(func() (err error) { w.Identity, err = r.self(ctx); return })
	g.Go(func() (err error) {
		if users, err = r.users(in, count.add("members")).all(ctx, r); err != nil {
			return err
		}
		joined, err = r.Joined(ctx)
		return err
	})
	began := time.Now()
	g.Go(func() (err error) { w.Teams, err = r.teams(ctx, in, count.add("teams")); return })
	if err := g.Wait(); err != nil {
		return attio.Workspace{}, err
	}
	if err := agree(users, joined); err != nil {
		return attio.Workspace{}, err
	}
	r.seen.keepAll(w.Teams, began)
	w.Members = merge(users, joined)
	for _, m := range joined {
		if m.RestID == w.Identity.AuthorizedBy && m.RestID != "" {
			w.OwnEmail = m.Email
		}
	}
	return w, nil
}

// self is Identity, unless that was asked a moment ago.
func (r *Reader) self(ctx context.Context) (attio.Identity, error) {
	if id, ok := r.seen.recallSelf(time.Now()); ok {
		return id, nil
	}
	return r.Identity(ctx)
}

// Member implements attio.Reader. Attio does not say what becomes of the id of
// an invite that was accepted; should it still lead to the person, the member
// given here has another id than the one asked for.
func (r *Reader) Member(ctx context.Context, id string) (attio.Member, error) {
	path, err := pathOf("read member", "/Users", id)
	if err != nil {
		return attio.Member{}, err
	}
	a, err := r.get(ctx, call{op: "read member", subject: id, root: r.line.scim, path: path})
	if err != nil {
		return attio.Member{}, err
	}
	return a.member("")
}

// Team implements attio.Reader. A team that comes without the members key has
// no members: this is the answer that would show them.
func (r *Reader) Team(ctx context.Context, id string) (attio.Team, error) {
	return r.team(ctx, id, nil)
}

func (r *Reader) team(ctx context.Context, id string, in *idset.Dictionary) (attio.Team, error) {
	path, err := pathOf("read team", "/Groups", id)
	if err != nil {
		return attio.Team{}, err
	}
	a, err := r.get(ctx, call{op: "read team", subject: id, root: r.line.scim, path: path})
	if err != nil {
		return attio.Team{}, err
	}
	t, _, err := a.team(id, in)
	return t, err
}

// FindMember implements attio.Reader. It asks by userName, which is the filter
// that Attio documents, and compares addresses on this side; when the server
// does not filter as asked, it reads the whole list.
func (r *Reader) FindMember(ctx context.Context, email string) (attio.Member, bool, error) {
	same := func(m attio.Member) bool { return attio.FoldEmail(m.Email) == attio.FoldEmail(email) }
	found, err := find(ctx, r, r.users(nil, nil), "userName", spellings(email, attio.FoldEmail(email)), same)
	m, ok := best(found)
	return m, ok, of(err, "find member", email)
}

// searchMember looks an address up in the whole list, whatever the filter says.
func (r *Reader) searchMember(ctx context.Context, email string) (attio.Member, bool, error) {
	all, err := r.users(nil, nil).all(ctx, r)
	m, ok := best(only(all, func(m attio.Member) bool { return attio.FoldEmail(m.Email) == attio.FoldEmail(email) }))
	return m, ok, of(err, "find member", email)
}

// FindTeam implements attio.Reader, comparing names as attio.FoldName does.
func (r *Reader) FindTeam(ctx context.Context, name string) (attio.Team, bool, error) {
	found, err := find(ctx, r, r.groups(nil, nil), "displayName", spellings(name, strings.TrimSpace(name)), sameName(name))
	return r.firstTeam(ctx, name, found, err)
}

// searchTeam looks a name up in the whole list, whatever the filter says.
func (r *Reader) searchTeam(ctx context.Context, name string) (attio.Team, bool, error) {
	all, err := r.groups(nil, nil).all(ctx, r)
	return r.firstTeam(ctx, name, only(all, sameName(name)), err)
}

func sameName(name string) func(listedTeam) bool {
	return func(t listedTeam) bool { return attio.FoldName(t.Name) == attio.FoldName(name) }
}

// firstTeam completes the team that a look-up has found.
func (r *Reader) firstTeam(ctx context.Context, name string, found []listedTeam, err error) (attio.Team, bool, error) {
	switch {
	case err != nil:
		return attio.Team{}, false, of(err, "find team", name)
	case len(found) == 0:
		return attio.Team{}, false, nil
	case found[0].whole:
		return found[0].Team, true, nil
	}
	t, err := r.Team(ctx, found[0].ID)
	if attio.Is(err, attio.Gone) {
		return attio.Team{}, false, nil
	}
	return t, err == nil, err
}

// users is the list of members and invites.
func (r *Reader) users(in *idset.Dictionary, tell func(int)) listing[wireUser, attio.Member] {
	return listing[wireUser, attio.Member]{what: "users", path: "/Users", tell: tell,
		keep: func(u wireUser) (attio.Member, error) {
			m, err := u.member()
			m.ID = in.Keep(m.ID)
			return m, err
		},
		id: func(m attio.Member) string { return m.ID },
	}
}

// listedTeam is a team as a list shows it; not whole: without its members.
type listedTeam struct {
	attio.Team
	whole bool
}

func (r *Reader) groups(in *idset.Dictionary, tell func(int)) listing[wireTeam, listedTeam] {
	return listing[wireTeam, listedTeam]{what: "groups", path: "/Groups", tell: tell,
		keep: func(g wireTeam) (listedTeam, error) {
			t, whole, err := g.team(in)
			return listedTeam{t, whole}, err
		},
		id: func(t listedTeam) string { return t.ID },
	}
}

// teams reads every team with its members: those that the list shows without
// them are read one by one. A team that goes away meanwhile is none.
func (r *Reader) teams(ctx context.Context, in *idset.Dictionary, tell func(int)) ([]attio.Team, error) {
	listed, err := r.groups(in, tell).all(ctx, r)
	if err != nil {
		return nil, err
	}
	g, ctx := newGroup(ctx, r.parallel)
	for i := range listed {
		t := &listed[i]
		if t.whole {
			continue
		}
		g.Go(func() (err error) {
			t.Team, err = r.team(ctx, t.ID, in)
			t.whole = err == nil
			if attio.Is(err, attio.Gone) {
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	teams := make([]attio.Team, 0, len(listed))
	for _, t := range listed {
		if t.whole {
			teams = append(teams, t.Team)
		}
	}
	return teams, nil
}

// pathOf is the path of one resource; its id is escaped.
func pathOf(op, collection, id string) (string, error) {
	if err := usableID(id); err != nil {
		return "", &attio.Error{Kind: attio.Refused, Op: op, Subject: id, Detail: "it " + err.Error()}
	}
	return collection + "/" + url.PathEscape(id), nil
}

// member reads the answer as the member with the given id ("": any).
func (a answer) member(id string) (attio.Member, error) {
	var u wireUser
	if err := a.decode(&u); err != nil {
		return attio.Member{}, err
	}
	m, err := u.member()
	switch {
	case err != nil:
		return attio.Member{}, a.untrusted(err.Error())
	case id != "" && !strings.EqualFold(m.ID, id):
		return attio.Member{}, a.untrusted(fmt.Sprintf("it shows %s, which was not asked for", plain(m.ID, 64)))
	}
	return m, nil
}

// team reads the answer as the team with the given id ("": any); whole is
// false when it leaves the members out.
func (a answer) team(id string, in *idset.Dictionary) (t attio.Team, whole bool, err error) {
	var g wireTeam
	if err := a.decode(&g); err != nil {
		return attio.Team{}, false, err
	}
	if t, whole, err = g.team(in); err != nil {
		return attio.Team{}, false, a.untrusted(err.Error())
	}
	if id != "" && !strings.EqualFold(t.ID, id) {
		return attio.Team{}, false, a.untrusted(fmt.Sprintf("it shows %s, which was not asked for", plain(t.ID, 64)))
	}
	return t, whole, nil
}
