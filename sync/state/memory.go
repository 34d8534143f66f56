package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	core "scim-sync/sync"
)

// memory is a medium that is gone with the process, for the sandbox.
type memory struct {
	mu       sync.Mutex // guards what follows
	snapshot []byte
	parts    [][]byte
	holder   *Holder
	aside    map[string][]byte // what was cut off or backed up, by name
}

// Memory gives a store that keeps everything in memory and touches no file. It
// holds m from the start; a zero m is no state at all.
func Memory(m core.Managed) *Store {
	mem := &memory{aside: map[string][]byte{}}
	if m.WorkspaceID != "" || len(m.People) > 0 || len(m.Teams) > 0 {
		g := newLedger()
		g.managed = cloneManaged(m)
		raw, err := snapshotOf(g, 1).encode()
		if err != nil {
			panic(err) // only a time beyond the year 9999 cannot be written
		}
		mem.snapshot = raw
	}
	return New(mem)
}

func (m *memory) Places() Places {
	return Places{Snapshot: "state in memory", Journal: "journal in memory", Lock: "lock in memory"}
}

func (m *memory) Snapshot(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.snapshot), nil
}

func (m *memory) Parts(context.Context) ([]Part, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var parts []Part
	for i, p := range m.parts {
		parts = append(parts, Part{Name: fmt.Sprintf("journal in memory, part %d", i+1), Size: int64(len(p))})
	}
	return parts, nil
}

func (m *memory) Open(_ context.Context, part string, offset int64) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var n int
	if _, err := fmt.Sscanf(part, "journal in memory, part %d", &n); err != nil || n < 1 || n > len(m.parts) {
		return nil, fmt.Errorf("%s: there is no such part", part)
	}
	content := m.parts[n-1]
	return io.NopCloser(bytes.NewReader(content[min(offset, int64(len(content))):])), nil
}

func (m *memory) Lock(_ context.Context, h Holder) (Desk, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holder != nil {
		return nil, &LockedError{Holder: *m.holder, Place: m.Places().Lock}
	}
	m.holder = &h
	return &memoryDesk{memory: m}, nil
}

// memoryDesk is a memory to its only writer.
type memoryDesk struct{ *memory }

func (d *memoryDesk) Append(lines []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.parts) == 0 {
		d.parts = [][]byte{nil}
	}
	// Readers hold the former slice: what they see never changes.
	last := &d.parts[len(d.parts)-1]
	*last = append(*last, lines...)
	return nil
}

func (d *memoryDesk) Swap(was uint64, next []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var have uint64
	if d.snapshot != nil {
		var err error
		if have, err = serialOf(d.snapshot); err != nil {
			return err
		}
	}
	if have != was {
		return &ConflictError{Place: d.Places().Snapshot, Want: was, Have: have}
	}
	d.snapshot = bytes.Clone(next)
	return nil
}

func (d *memoryDesk) Cut(size int64, seq uint64) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	last := &d.parts[len(d.parts)-1]
	tail := bytes.Clone((*last)[size:])
	*last = bytes.Clone((*last)[:size])
	if len(bytes.Trim(tail, "\x00")) == 0 {
		return "", nil
	}
	name := fmt.Sprintf("torn-%d", seq)
	d.aside[name] = tail
	return name, nil
}

func (d *memoryDesk) Rotate(first []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.parts = append(d.parts, bytes.Clone(first))
	return nil
}

func (d *memoryDesk) Backup(format int, snapshot []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.aside[fmt.Sprintf("format-%d.bak", format)] = bytes.Clone(snapshot)
	return nil
}

func (d *memoryDesk) Release() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holder = nil
	return nil
}
