package okta

import (
	"encoding/json"
	"fmt"
)

// readEntry makes of an entry, as a list gives it cut down, what is kept of it.
// Nothing may be kept of cut. flaw says why it cannot be believed.
type readEntry[T any] func(cut []byte) (item T, flaw string, err error)

// decoded reads an entry as encoding/json does.
func decoded[W entry](cut []byte) (item W, flaw string, err error) {
	if err = json.Unmarshal(cut, &item); err == nil {
		flaw = item.flaw()
	}
	return item, flaw, err
}

// arriving is a page of a list of entries W, each of which becomes a T.
type arriving[W entry, T any] struct {
	read  readEntry[T]
	items []T
	seen  int   // entries
	err   error // of the first that could not be read
	flaw  string
}

func (p *arriving[W, T]) begin() { *p = arriving[W, T]{read: p.read, items: p.items[:0]} }

func (p *arriving[W, T]) take(cut []byte) {
	p.seen++
	if p.err != nil {
		return
	}
	item, flaw, err := p.read(cut)
	switch {
	case err != nil:
		p.err = err
	case p.flaw != "":
	case flaw != "":
		p.flaw = flawAt(p.seen, flaw)
	default:
		p.items = append(p.items, item)
	}
}

// wrong is the error of a page of which an entry cannot be read or believed.
func (p *arriving[W, T]) wrong(status int) error {
	switch {
	case p.err != nil:
		return p.err
	case p.flaw != "":
		return &refusal{status: status, why: p.flaw}
	}
	return nil
}

// UnmarshalJSON takes an answer that could not be cut, as the SDK decodes it.
func (p *arriving[W, T]) UnmarshalJSON(whole []byte) error {
	p.begin()
	var entries []json.RawMessage
	if json.Unmarshal(whole, &entries) != nil {
		return json.Unmarshal(whole, new([]W)) // says what is wrong
	}
	for _, e := range entries {
		p.take(e)
	}
	return nil
}

// flawIn says which entry of a page cannot be believed.
func flawIn[T entry](page []T, status int) error {
	for i, e := range page {
		if why := e.flaw(); why != "" {
			return &refusal{status: status, why: flawAt(i+1, why)}
		}
	}
	return nil
}

func flawAt(entry int, why string) string { return fmt.Sprintf("entry %d: %s", entry, why) }
