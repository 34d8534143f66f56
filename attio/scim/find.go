package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode"

	"scim-sync/attio"
)

// FindMember implements attio.Reader. It asks by userName, which is the filter
// that Attio documents, and compares addresses on this side; when the server
// does not filter as asked, or may have the address in another spelling that its
// filter minds, it reads the whole list.
func (r *Reader) FindMember(ctx context.Context, email string) (attio.Member, bool, error) {
	m, ok, err := r.filterMember(ctx, email)
	if err != nil || ok {
		return m, ok, err
	}
	if isASCII(email) && !strings.Contains(strings.ToLower(email), "xn--") && r.filterIgnoresCase(ctx) {
		return m, false, nil // there is no other spelling of it
	}
	return r.searchMember(ctx, email)
}

// filterMember looks an address up as the server's filter takes it.
func (r *Reader) filterMember(ctx context.Context, email string) (attio.Member, bool, error) {
	found, err := find(ctx, r, r.users(nil, nil), "userName", spellings(email, attio.FoldEmail(email)), sameEmail(email))
	m, ok := best(found)
	return m, ok, of(err, "find member", email)
}

// searchMember looks an address up in the whole list, whatever the filter says.
func (r *Reader) searchMember(ctx context.Context, email string) (attio.Member, bool, error) {
	all, err := r.users(nil, nil).all(ctx, r)
	m, ok := best(only(all, sameEmail(email)))
	return m, ok, of(err, "find member", email)
}

func sameEmail(email string) func(attio.Member) bool {
	folded := attio.FoldEmail(email)
	return func(m attio.Member) bool { return attio.FoldEmail(m.Email) == folded }
}

// FindTeam implements attio.Reader, comparing names as attio.FoldName does: where
// no spelling hits, in the whole list.
func (r *Reader) FindTeam(ctx context.Context, name string) (attio.Team, bool, error) {
	t, ok, err := r.filterTeam(ctx, name)
	if err != nil || ok {
		return t, ok, err
	}
	return r.searchTeam(ctx, name)
}

// filterTeam looks a name up as the server's filter takes it.
func (r *Reader) filterTeam(ctx context.Context, name string) (attio.Team, bool, error) {
	found, err := find(ctx, r, r.groups(nil, nil), "displayName", spellings(name, strings.TrimSpace(name)), sameName(name))
	return r.firstTeam(ctx, name, found, err)
}

// searchTeam looks a name up in the whole list, whatever the filter says.
func (r *Reader) searchTeam(ctx context.Context, name string) (attio.Team, bool, error) {
	all, err := r.groups(nil, nil).all(ctx, r)
	return r.firstTeam(ctx, name, only(all, sameName(name)), err)
}

func sameName(name string) func(listedTeam) bool {
	folded := attio.FoldName(name)
	return func(t listedTeam) bool { return attio.FoldName(t.Name) == folded }
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

// filterIgnoresCase tries once, with somebody who is there, whether the filter
// finds an address in the other case. Where that shows nothing, it is tried again
// next time.
func (r *Reader) filterIgnoresCase(ctx context.Context) bool {
	r.filter.mu.Lock()
	defer r.filter.mu.Unlock()
	if r.filter.ignoresCase {
		return true
	}
	first, _, err := r.users(nil, nil).page(ctx, r, 1)
	if err != nil {
		return false
	}
	for _, m := range first.items {
		other := otherCase(m.Email)
		if !isASCII(m.Email) || other == m.Email {
			continue
		}
		asked := r.users(nil, nil)
		asked.query = filterBy("userName", other)
		found, _, err := asked.page(ctx, r, 1)
		// A filter that shows others as well is none.
		r.filter.ignoresCase = err == nil && found.total == 1 && len(found.items) == 1 && found.items[0].ID == m.ID
		break
	}
	return r.filter.ignoresCase
}

// otherCase turns capitals into small letters and the other way round.
func otherCase(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsUpper(c) {
			return unicode.ToLower(c)
		}
		return unicode.ToUpper(c)
	}, s)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c > unicode.MaxASCII })
}

func filterBy(attribute, value string) url.Values {
	return url.Values{"filter": {attribute + " eq " + quoted(value)}}
}

// find asks a list for the entries whose attribute equals one of the
// spellings, and keeps those that are the same by our own comparison, for
// servers differ in case and some do not filter at all. A server that shows
// strangers, refuses the filter, or finds nothing for a value that had to be
// escaped, is asked for everything instead.
func find[R any](ctx context.Context, r *Reader, l listing[R], attribute string, spelled []string, same func(R) bool) ([]R, error) {
	for _, s := range spelled {
		filtered := l
		filtered.query = filterBy(attribute, s)
		entries, err := filtered.all(ctx, r)
		if err != nil && !unfilterable(err) {
			return nil, err
		}
		found := only(entries, same)
		if len(found) > 0 {
			return found, nil
		}
		if escaped := quoted(s) != `"`+s+`"`; err != nil || len(entries) > 0 || escaped {
			entries, err = l.all(ctx, r)
			return only(entries, same), err
		}
	}
	return nil, nil
}

// spellings are the given one and another, if it differs.
func spellings(given, other string) []string {
	if given == other {
		return []string{given}
	}
	return []string{given, other}
}

// quoted is a filter's value: a JSON string (RFC 7644 section 3.4.2.2).
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

func only[R any](all []R, keep func(R) bool) []R {
	var kept []R
	for _, r := range all {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// best chooses among several entries for one address: an active one first.
func best(found []attio.Member) (attio.Member, bool) {
	for _, m := range found {
		if m.Status != attio.Suspended {
			return m, true
		}
	}
	if len(found) > 0 {
		return found[0], true
	}
	return attio.Member{}, false
}

// of names what an error is about, where that is still open.
func of(err error, op, subject string) error {
	var e *attio.Error
	if !errors.As(err, &e) || e.Subject != "" {
		return err
	}
	named := *e
	named.Op, named.Subject = op, subject
	return &named
}
