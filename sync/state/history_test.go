package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	core "scim-sync/sync"
)

// counting is a backend that counts the bytes of the journal that are read.
type counting struct {
	Backend
	bytes int64
}

type countingBody struct {
	io.ReadCloser
	c *counting
}

func (c *counting) Open(ctx context.Context, part string, offset int64) (io.ReadCloser, error) {
	body, err := c.Backend.Open(ctx, part, offset)
	return &countingBody{body, c}, err
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.c.bytes += int64(n)
	return n, err
}

// TestHistoryStreams: it is read as far as it is looked at, and no further.
func TestHistoryStreams(t *testing.T) {
	s := Memory(core.Managed{})
	mem := s.backend.(*memBackend)
	for n := range 400 {
		idleRun(t, s, fmt.Sprintf("run-%d", n), day0)
	}
	c := &counting{Backend: mem}
	s.backend = c
	whole := int64(len(bytes.Join(mem.parts, nil)))
	for r, err := range s.Runs(t.Context()) {
		if err != nil || r.Info.RunID != "run-0" || r.Summary == nil {
			t.Fatalf("got %+v, %v", r, err)
		}
		break
	}
	if c.bytes > 80<<10 || whole < 160<<10 {
		t.Errorf("for the first run it read %d of %d bytes", c.bytes, whole)
	}
	// Runs that wrote something among them.
	s.backend = mem
	for n := 400; n < 420; n++ {
		if n%3 == 0 {
			changingRun(t, s, n, day0)
		} else {
			idleRun(t, s, fmt.Sprintf("run-%d", n), day0)
		}
	}
	for _, n := range []int{0, 1, 7, 50, 419, 420, 2000} {
		runs, before, err := s.LastRuns(t.Context(), n)
		want := n
		if n == 0 || n > 420 {
			want = 420
		}
		if err != nil || len(runs) != want || before != 420-want {
			t.Fatalf("last %d: %d runs after %d others, %v", n, len(runs), before, err)
		}
		for i, r := range runs {
			if r.Info.RunID != fmt.Sprintf("run-%d", before+i) {
				t.Fatalf("last %d: the run %d is %s", n, i, r.Info.RunID)
			}
		}
	}
	// What is not read is checked all the same.
	mem.parts[0] = bytes.Replace(mem.parts[0], []byte("run-7"), []byte("run-8"), 1)
	if _, _, err := s.LastRuns(t.Context(), 1); err == nil {
		t.Error("a line that was changed was not found")
	}
}
