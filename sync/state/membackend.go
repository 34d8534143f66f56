package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	core "scim-sync/sync"
)

// memBackend is gone with the process, for the sandbox.
type memBackend struct {
	mu       sync.Mutex // guards what follows
	snapshot []byte
	parts    [][]byte
	gone     int // how many of them were put away
	holder   *Holder
	cache    []byte
	aside    map[string][]byte // what was cut off or backed up, by name
}

// Memory gives a store that keeps everything in memory and touches no file. It
// holds m from the start; a zero m is no state at all.
func Memory(m core.Managed) *Store {
	mem := &memBackend{aside: map[string][]byte{}}
	if m.WorkspaceID != "" || len(m.People) > 0 || len(m.Teams) > 0 {
		g := newReplay()
		g.managed = cloneManaged(m)
		raw, err := snapshotOf(g, 1).encode()
		if err != nil {
			panic(err) // only a time beyond the year 9999 cannot be written
		}
		mem.snapshot = raw
	}
	return New(mem, Options{})
}

func (m *memBackend) Paths() Paths {
	return Paths{Kind: "memory", Snapshot: "state in memory", Journal: "journal in memory", Lock: "lock in memory"}
}

func (m *memBackend) Snapshot(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.snapshot), nil
}

func (m *memBackend) Parts(context.Context) ([]Part, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var parts []Part
	for i, p := range m.parts {
		if i < m.gone {
			continue
		}
		parts = append(parts, Part{Name: fmt.Sprintf("journal in memory, part %d", i+1), Size: int64(len(p))})
	}
	return parts, nil
}

func (m *memBackend) Open(_ context.Context, part string, offset int64) (io.ReadCloser, error) {
	n, err := m.number(part)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	content := m.parts[n-1]
	return io.NopCloser(bytes.NewReader(content[min(offset, int64(len(content))):])), nil
}

// number gives the number of the part with that name, from 1.
func (m *memBackend) number(part string) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := fmt.Sscanf(part, "journal in memory, part %d", &n); err != nil || n < 1 || n > len(m.parts) {
		return 0, fmt.Errorf("%s: there is no such part", part)
	}
	return n, nil
}

func (m *memBackend) Lock(_ context.Context, h Holder) (BackendWriter, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder != nil {
		return nil, &LockedError{Holder: *m.holder, Place: m.Paths().Lock}
	}
	m.holder = &h
	return &memWriter{m}, nil
}

func (m *memBackend) Standing(context.Context) (*Standing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder == nil {
		return nil, nil
	}
	return &Standing{Holder: *m.holder}, nil
}

func (m *memBackend) Break(_ context.Context, s Standing) error {
	return &LockedError{Holder: s.Holder, Place: m.Paths().Lock}
}

func (m *memBackend) Cache(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cache, nil
}

func (m *memBackend) SaveCache(_ context.Context, content []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cache = bytes.Clone(content)
	return nil
}

func (m *memBackend) Probe(context.Context) Probe {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := Probe{Place: m.Paths().Snapshot}
	if m.holder != nil {
		p.Lock = &LockedError{Holder: *m.holder, Place: m.Paths().Lock}
	}
	return p
}

// memWriter is a memBackend to its only writer. Nobody can take that from it.
type memWriter struct{ *memBackend }

func (w *memWriter) Lost() <-chan struct{} { return nil }

func (w *memWriter) Held() error { return nil }

func (w *memWriter) Append(_ context.Context, _ Position, lines []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.parts) == 0 {
		w.parts = [][]byte{nil}
	}
	// Readers hold the former slice: what they see never changes.
	last := &w.parts[len(w.parts)-1]
	*last = append(*last, lines...)
	return nil
}

func (w *memWriter) Swap(_ context.Context, next Next) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var have uint64
	if w.snapshot != nil && !next.Force {
		var err error
		if have, err = serialOf(w.snapshot); err != nil {
			return err
		}
	}
	if have != next.Was && !next.Force {
		return &ConflictError{Place: w.Paths().Snapshot, Want: next.Was, Have: have}
	}
	w.snapshot = bytes.Clone(next.Body)
	return nil
}

func (w *memWriter) Cut(_ context.Context, at Position) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := &w.parts[len(w.parts)-1]
	tail := bytes.Clone((*last)[at.Offset:])
	*last = bytes.Clone((*last)[:at.Offset])
	if len(bytes.Trim(tail, "\x00")) == 0 {
		return "", nil
	}
	name := fmt.Sprintf("torn-%d", at.Seq+1)
	w.aside[name] = tail
	return name, nil
}

func (w *memWriter) Rotate(_ context.Context, _ Position, first []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parts = append(w.parts, bytes.Clone(first))
	return nil
}

func (w *memWriter) Prune(_ context.Context, first Part, _ uint64) error {
	n, err := w.number(first.Name)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range n - 1 {
		w.parts[i] = nil // the others keep their names
	}
	w.gone = n - 1
	return nil
}

func (w *memWriter) Aside(_ context.Context, name string, content []byte) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.aside[name] = bytes.Clone(content)
	return name + " in memory", nil
}

func (w *memWriter) Clear(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parts, w.gone, w.cache = nil, 0, nil
	return nil
}

func (w *memWriter) Release(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holder = nil
	return nil
}
