package scim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"scim-sync/attio"
)

// find asks a list for the entries whose attribute equals one of the
// spellings, and keeps those that are the same by our own comparison, for
// servers differ in case and some do not filter at all. A server that shows
// strangers, refuses the filter, or finds nothing for a value that had to be
// escaped, is asked for everything instead.
func find[R any](ctx context.Context, r *Reader, l listing[R], attribute string, spelled []string, same func(R) bool) ([]R, error) {
	for _, s := range spelled {
		filtered := l
		filtered.query = url.Values{"filter": {attribute + " eq " + quoted(s)}}
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
