package s3

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scim-sync/sync/state"
)

// Clear empties the journal. That lock.json says so comes first.
func (w *writer) Clear(ctx context.Context) error {
	w.journal.Lock()
	defer w.journal.Unlock()
	if err := w.tell(ctx, func(d *lockDoc) { d.contents = contents{} }); err != nil {
		return err
	}
	w.objects, w.unsure = 0, false
	var gone []string
	for _, folder := range []string{journal, previous} {
		names, err := w.at.List(ctx, folder, "")
		if err != nil {
			return err
		}
		gone = append(gone, names...)
	}
	if err := w.Held(); err != nil {
		return err
	}
	return w.at.RemoveAll(ctx, append(gone, cacheName))
}

// Prune removes the parts before first, which begins with the line seq. That
// lock.json says so comes first.
func (w *writer) Prune(ctx context.Context, first state.Part, seq uint64) error {
	n, err := w.in.partNumber(first.Name)
	if err != nil {
		return err
	}
	w.journal.Lock()
	defer w.journal.Unlock()
	err = w.tell(ctx, func(d *lockDoc) {
		d.Parts = slices.DeleteFunc(slices.Clone(d.Parts), func(p part) bool { return p.N < n })
	})
	if err != nil {
		return err
	}
	names, err := w.at.List(ctx, journal, "")
	if err != nil {
		return err
	}
	kept, err := w.at.List(ctx, previous, "")
	if err != nil {
		return err
	}
	old := func(name string) bool { first, _, ok := firstOf(name); return ok && first < seq }
	var gone []string
	for _, name := range names {
		if old(name) {
			gone = append(gone, name)
		}
	}
	for _, name := range kept {
		if at, ok := madeAt(name); ok && at+1 < seq {
			gone = append(gone, name)
		}
	}
	if err := w.Held(); err != nil {
		return err
	}
	return w.at.RemoveAll(ctx, gone)
}

// madeAt is the line at which a previous snapshot was made, by its name.
func madeAt(name string) (seq uint64, ok bool) {
	_, text, ok := strings.Cut(strings.TrimPrefix(name, previous), "-")
	if !ok {
		return 0, false
	}
	_, err := fmt.Sscanf(text, "%d.json", &seq)
	return seq, err == nil
}
