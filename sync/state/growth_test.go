package state

import (
	"context"
	"io"
	"testing"
)

// metered counts what is read of the journal.
type metered struct {
	Backend
	read int64
}

func (m *metered) Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error) {
	body, err := m.Backend.Open(ctx, part, offset)
	if err != nil {
		return nil, err
	}
	return &meteredBody{body, m}, nil
}

type meteredBody struct {
	io.ReadCloser
	of *metered
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.of.read += int64(n)
	return n, err
}

// TestALargeStateInTheJournalIsNotReadByEachRun: the part of the journal that is
// written to begins with the state; a run that changes nothing reads a few lines of it.
func TestALargeStateInTheJournalIsNotReadByEachRun(t *testing.T) {
	m := &metered{Backend: &memBackend{aside: map[string][]byte{}}}
	s := New(m, Options{})
	r := begin(t, s, "first")
	bind(t, r)
	for n := range 300 {
		write(t, r, provision(n), provisioned(n))
	}
	finish(t, r, 0)
	s.rotateAt = 1
	finish(t, begin(t, s, "rotates"), 0)
	s.rotateAt = 3000
	finish(t, begin(t, s, "idle-1"), 0)
	m.read = 0
	finish(t, begin(t, s, "idle-2"), 0)
	parts, err := m.Parts(t.Context())
	if last := parts[len(parts)-1]; err != nil || len(parts) != 2 || last.Size < 50_000 || m.read > 5000 {
		t.Errorf("%d bytes were read of %+v, %v", m.read, parts, err)
	}
}
