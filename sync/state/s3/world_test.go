package s3_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/internal/s3test"
	"scim-sync/sync/state"
	"scim-sync/sync/state/s3"
	"scim-sync/sync/state/statetest"
)

var servers s3test.Shared

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// place is a bucket that several machines use.
type place struct {
	*testing.T
	url    string
	server *s3test.Server
	bucket string
}

func newPlace(t *testing.T) place {
	server := servers.Get(t)
	bucket := server.Bucket(t)
	return place{t, "s3://" + bucket + "/acme/prod?endpoint=" + server.Endpoint, server, bucket}
}

func (p place) location() state.Location {
	return state.Location{URL: p.url, Shown: p.url, Environ: p.server.Environ()}
}

const longLease = time.Minute

// machine is one of them, whose requests go through the line.
func (p place) machine(lease time.Duration, l *line) *s3.Backend {
	p.Helper()
	var wrap func(http.RoundTripper) http.RoundTripper
	if l != nil {
		wrap = l.wrap
	}
	b, err := s3.OpenFor(p.location(), lease, wrap)
	p.ok(err)
	return b
}

func (p place) ok(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p place) lock(b *s3.Backend, run string) state.BackendWriter {
	p.Helper()
	w, err := b.Lock(p.Context(), state.Holder{PID: 1, Host: "machine-" + run, RunID: run, Since: time.Now()})
	p.ok(err)
	return w
}

// text is the whole journal.
func (p place) text(b *s3.Backend) string {
	p.Helper()
	parts, err := b.Parts(p.Context())
	p.ok(err)
	var all strings.Builder
	for _, part := range parts {
		body, err := b.Open(p.Context(), part.Name, 0)
		p.ok(err)
		raw, err := io.ReadAll(body)
		p.ok(err)
		if int64(len(raw)) != part.Size {
			p.Errorf("%s has %d bytes, and says %d", part.Name, len(raw), part.Size)
		}
		all.Write(raw)
	}
	return all.String()
}

// line is a line of the journal.
func entry(seq int, text string) string {
	return fmt.Sprintf("{\"seq\":%d,\"run\":%q,\"hash\":\"%064d\"}\n", seq, text, seq)
}

// tape writes a journal line by line, as a run does.
type tape struct {
	place
	w    state.BackendWriter
	at   state.Position
	told string // what was durable
}

func (t *tape) put(texts ...string) error {
	t.Helper()
	lines := ""
	for i, text := range texts {
		lines += entry(int(t.at.Seq)+1+i, text)
	}
	err := t.w.Append(t.Context(), t.at, []byte(lines))
	if err == nil {
		t.at.Seq += uint64(len(texts))
		t.at.Offset += int64(len(lines))
		t.told += lines
	}
	return err
}

// line is what is between a machine and the bucket: it counts, and spoils.
type line struct {
	mu     sync.Mutex
	count  []string
	spoil  func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error)
	direct http.RoundTripper
}

func (l *line) wrap(direct http.RoundTripper) http.RoundTripper {
	l.direct = direct
	return l
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	what := r.Method + " " + r.URL.Path[strings.LastIndex(r.URL.Path, "prod")+len("prod"):]
	if r.Method == http.MethodGet && r.URL.Query().Has("list-type") {
		what = "LIST"
	}
	l.count = append(l.count, what)
	spoil := l.spoil
	l.mu.Unlock()
	if spoil == nil {
		return l.direct.RoundTrip(r)
	}
	return spoil(r, func() (*http.Response, error) { return l.direct.RoundTrip(r) })
}

func (l *line) reset() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.count
	l.count = nil
	return was
}

func (l *line) set(spoil func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spoil = spoil
}

// TestPort: it keeps what every backend of a state has to keep.
func TestPort(t *testing.T) {
	statetest.Port(t, func(t *testing.T) state.Backend { return newPlace(t).machine(longLease, nil) })
	statetest.Commands(t, func(t *testing.T) state.Backend { return newPlace(t).machine(longLease, nil) })
}

// objects lists what lies below the prefix.
func objects(p place) (names []string) {
	root := filepath.Join(p.server.Root, p.bucket, "acme", "prod")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(root, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		p.ok(err)
	}
	return names
}

type heir struct {
	b *s3.Backend
	w state.BackendWriter
}

// heirMachine is one that takes a lock which was left: all seems long ago to it,
// and its clock runs so fast that it need not wait for a lease.
func (p place) heirMachine() *s3.Backend {
	p.Helper()
	at := p.location()
	start := time.Now()
	at.Elapsed = func() time.Duration { return 400 * time.Since(start) }
	b, err := s3.OpenFor(at, 1000*longLease, (&line{spoil: longAgo}).wrap)
	p.ok(err)
	return b
}

func (p place) heir() heir {
	p.Helper()
	b := p.heirMachine()
	return heir{b, p.lock(b, "heir")}
}

// longAgo makes all objects an hour old.
func longAgo(_ *http.Request, do send) (*http.Response, error) {
	resp, err := do()
	if err == nil {
		resp.Header.Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
	}
	return resp, err
}

func now() time.Time { return time.Now() }

// object reads one by a plain request, and restore writes one so, as somebody
// with a backup does.
func (p place) object(name string) []byte {
	p.Helper()
	raw, err := os.ReadFile(filepath.Join(p.server.Root, p.bucket, "acme", "prod", name))
	p.ok(err)
	return raw
}

func (p place) restore(name string, raw []byte) {
	p.Helper()
	p.ok(s3.Put(p.Context(), p.machine(longLease, nil), name, raw))
}
