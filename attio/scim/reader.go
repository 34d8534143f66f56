package scim

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/group"
	"scim-sync/internal/idset"
	"scim-sync/internal/redact"
)

// Reader implements attio.Reader. It holds no way to write: it has no such
// method, and what carries its requests refuses everything but GET.
type Reader struct {
	client   client
	slots    chan struct{} // one for each request in flight
	parallel int
	settle   time.Duration
	filter   *filterKind
	cache    *teamCache
}

// While gives the reader to somebody whose right to ask ends: held is asked each
// time that a request is about to leave, and an error keeps it here.
func (r *Reader) While(held func() error) *Reader {
	its := *r
	its.client.held = held
	return &its
}

// filterKind is what is known of the server's filter on userName.
type filterKind struct {
	mu          sync.Mutex
	ignoresCase bool
}

var _ attio.Reader = (*Reader)(nil)

// NewReader makes a Reader. The error says which option is wrong.
func NewReader(o Options) (*Reader, error) {
	o, api, scim, err := o.checked()
	if err != nil {
		return nil, err
	}
	return &Reader{
		client:   client{rt: getOnly{o.Transport}, token: o.Token, api: api, scim: scim, secrets: new(redact.Secrets)},
		slots:    make(chan struct{}, o.Parallel),
		parallel: o.Parallel,
		settle:   o.Settle,
		filter:   new(filterKind),
		cache:    new(teamCache),
	}, nil
}

// getOnly lets nothing but GET through: what is behind it cannot write.
type getOnly struct{ next http.RoundTripper }

func (g getOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Body != nil && r.Body != http.NoBody {
		if r.Body != nil {
			_ = r.Body.Close() // a RoundTripper closes the body it was given
		}
		return nil, errors.New("attio/scim: a reader sends nothing but GET")
	}
	return g.next.RoundTrip(r)
}

// getPlain makes a GET request with which nothing can be wrong, for it is the same
// at all times: a 400 is the server's own trouble, and is tried again as a 500 is.
func (r *Reader) getPlain(ctx context.Context, c call) (answer, error) {
	for try := 1; ; try++ {
		a, err := r.get(ctx, c)
		if try == retries || !isStatus(err, http.StatusBadRequest) {
			return a, err
		}
		pause(ctx, time.Duration(try)*r.settle)
	}
}

// get makes one GET request when there is a slot for it.
func (r *Reader) get(ctx context.Context, c call) (answer, error) {
	c.method = http.MethodGet
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return answer{}, redactor{}.fromTransport(ctx, c, ctx.Err())
	}
	defer func() { <-r.slots }()
	return r.client.do(ctx, c)
}

// Workspace implements attio.Reader: members over SCIM and REST, teams, and
// what the token is, all at once. Where an invite seems to be listed, those who
// joined are asked for once more, so that somebody who accepts one in between is
// never taken for an invite under the id of a member. progress is called by one
// goroutine at a time.
func (r *Reader) Workspace(ctx context.Context, progress func(what string, n int)) (attio.Workspace, error) {
	var (
		w     attio.Workspace
		p     people
		teams []attio.Unread // that cannot be read
		in    = idset.NewDictionary()
		count = newCounter(progress)
		began = time.Now()
	)
	g, ctx := group.WithContext(ctx)
	g.Go(func() (err error) { w.Identity, err = r.self(ctx); return })
	g.Go(func() (err error) { p, err = r.people(ctx, in, count.add("members")); return })
	g.Go(func() (err error) { w.Teams, teams, err = r.teams(ctx, in, count.add("teams")); return })
	if err := g.Wait(); err != nil {
		return attio.Workspace{}, err
	}
	r.cache.keepAll(w.Teams, began)
	w.Members, w.Unread = p.members, slices.Concat(p.unread[0], p.unread[1], teams)
	for _, m := range p.joined {
		if m.RestID == w.Identity.AuthorizedBy && m.RestID != "" {
			w.OwnEmail = m.Email
		}
	}
	return w, nil
}

// people are those of a workspace, as both of its lists show them.
type people struct {
	members []attio.Member
	joined  []attio.Member
	unread  [2][]attio.Unread // the entries of SCIM's list and the other that cannot be read
}

func (r *Reader) people(ctx context.Context, in *idset.Dictionary, tell func(int)) (p people, err error) {
	var users []attio.Member
	g, gctx := group.WithContext(ctx)
	g.Go(func() (err error) {
		if users, err = r.users(in, tell).all(gctx, r); err != nil {
			return err
		}
		users, p.unread[0], err = readable(users)
		return err
	})
	g.Go(func() (err error) { p.joined, p.unread[1], err = r.listJoined(gctx); return })
	if err := g.Wait(); err != nil {
		return people{}, err
	}
	p.members = merge(users, p.joined)
	if slices.ContainsFunc(p.members, invited) {
		if p.joined, p.unread[1], err = r.listJoined(ctx); err != nil {
			return people{}, err
		}
		p.members = merge(users, p.joined)
	}
	return p, agree(users, p.joined)
}

func invited(m attio.Member) bool { return m.Status == attio.Invited }

// AskIdentity begins to ask what the token is, and gives what waits for the
// answer. A Workspace that is read meanwhile asks no second time.
func (r *Reader) AskIdentity(ctx context.Context) (wait func() (attio.Identity, error)) {
	var id attio.Identity
	var err error
	answered := make(chan struct{})
	wait = func() (attio.Identity, error) {
		<-answered
		return id, err
	}
	r.cache.asks(wait)
	go func() {
		defer close(answered)
		defer r.cache.asks(nil)
		defer group.Recover(&err)
		id, err = r.Identity(ctx)
	}()
	return wait
}

// self is Identity, unless that was asked a moment ago or is being asked.
func (r *Reader) self(ctx context.Context) (attio.Identity, error) {
	id, ok, wait := r.cache.lastIdentity(time.Now())
	switch {
	case ok:
		return id, nil
	case wait != nil:
		return wait()
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
	a, err := r.get(ctx, call{op: "read member", subject: id, root: r.client.scim, path: path})
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
	a, err := r.getPlain(ctx, call{op: "read team", subject: id, root: r.client.scim, path: path})
	if err != nil {
		return attio.Team{}, err
	}
	t, _, err := a.team(id, in)
	return t, err
}

// users is the list of members and invites.
func (r *Reader) users(in *idset.Dictionary, tell func(int)) listing[attio.Member] {
	return listing[attio.Member]{what: "users", path: "/Users", tell: tell,
		read: func(raw []byte, _ *budget) (attio.Member, error) {
			if m, ok := quickMember(raw, in); ok {
				return m, nil
			}
			m, err := readMember(raw)
			m.ID = in.Keep(m.ID)
			return m, err
		},
		id:   func(m attio.Member) string { return m.ID },
		same: func(a, b attio.Member) bool { return a == b },
	}
}

// listedTeam is a team as a list shows it; not whole: without its members.
type listedTeam struct {
	attio.Team
	whole bool
}

func (r *Reader) groups(in *idset.Dictionary, tell func(int)) listing[listedTeam] {
	if in == nil {
		in = idset.NewDictionary()
	}
	return listing[listedTeam]{what: "groups", path: "/Groups", tell: tell,
		read: func(raw []byte, left *budget) (listedTeam, error) {
			if t, whole, ok := quickTeam(raw, in, left); ok {
				return listedTeam{t, whole}, nil
			}
			t, whole, err := readTeam(raw, in, left)
			return listedTeam{t, whole}, err
		},
		id: func(t listedTeam) string { return t.ID },
		same: func(a, b listedTeam) bool {
			return a.Name == b.Name && a.whole == b.whole && a.Members.Equal(b.Members)
		},
	}
}

// teams reads every team with its members: those that the list shows without
// them are read one by one. A team that goes away meanwhile is none.
func (r *Reader) teams(ctx context.Context, in *idset.Dictionary, tell func(int)) ([]attio.Team, []attio.Unread, error) {
	listed, err := r.groups(in, tell).all(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	listed, unread, err := named(listed)
	if err != nil {
		return nil, nil, err
	}
	g, ctx := group.WithContext(ctx)
	g.SetLimit(r.parallel)
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
		return nil, nil, err
	}
	teams := make([]attio.Team, 0, len(listed))
	for _, t := range listed {
		if t.whole {
			teams = append(teams, t.Team)
		}
	}
	return teams, unread, nil
}

// pathOf is the path of one resource; its id is escaped.
func pathOf(op, collection, id string) (string, error) {
	if err := usableID(id); err != nil {
		return "", &attio.Error{Kind: attio.Refused, Op: op, Subject: id, Detail: "it " + err.Error()}
	}
	return collection + "/" + url.PathEscape(id), nil
}
