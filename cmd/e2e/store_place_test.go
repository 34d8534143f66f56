//go:build !windows

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/faultproxy"
	"scim-sync/internal/pgtest"
	"scim-sync/internal/s3test"
	"scim-sync/internal/sample"
	"scim-sync/sync/state"
	"scim-sync/sync/state/stores"
)

var (
	buckets    s3test.Shared //nolint:gochecknoglobals // one server a test binary
	workspaces atomic.Int64  //nolint:gochecknoglobals // each state in the database has its own
	tables     sync.Once     //nolint:gochecknoglobals // all of them are in one database
	fills      sync.Once     //nolint:gochecknoglobals // the table of those that are full is one
)

// serving runs the tests, and ends the servers that they started.
type serving struct{ *testing.M }

func (s serving) Run() int { return pgtest.Main(withBuckets(s)) }

type withBuckets struct{ *testing.M }

func (b withBuckets) Run() int { return buckets.Main(b.M) }

func withServers(m *testing.M) serving { return serving{m} }

// lease is how long locks on servers last that are left here; brief has a machine
// take such a one.
const (
	lease = 1500 * time.Millisecond
	brief = leaseVariable + "=1500ms"
)

// place is a store with nothing in it, and what can happen to it.
type place struct {
	home
	line *faultproxy.Proxy // between the processes and the server; nil: files
	// backup copies all of it as an administrator does, and restore puts that back.
	backup func() (restore func())
	// fill lets it take nothing more, until empty.
	fill func(through *string) (empty func())
}

// kind is one of the stores: fresh gives a new place.
type kind struct {
	name  string
	fresh func(*testing.T) place
}

func kinds() []kind {
	return []kind{
		{"file", files},
		{"PostgreSQL", func(t *testing.T) place { return database(t, pgtest.Shared(t).Port) }},
		{"PgBouncer", func(t *testing.T) place { return database(t, pgtest.Shared(t).Bouncer(t).Port) }},
		{"S3", bucket},
	}
}

// servers are the stores whose locks run out.
func servers() []kind { return kinds()[1:] }

// onEach plays a story on each of the stores; where a sample is played, on the one
// whose turn it is.
func onEach(t *testing.T, on []kind, story func(t *testing.T, fresh func(*testing.T) place)) {
	for _, k := range sample.One(t.Name(), on) {
		t.Run(k.name, func(t *testing.T) { story(t, k.fresh) })
	}
}

func files(t *testing.T) place {
	dir := t.TempDir()
	return place{home: home{url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "state", "state.json"))}).String()}, backup: copied(t, dir)}
}

// copied copies a folder with all that is known of its files.
func copied(t *testing.T, dir string) func() func() {
	cp := func(from, to string) {
		if out, err := exec.CommandContext(t.Context(), "cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return func() func() {
		aside := t.TempDir()
		cp(dir, aside)
		return func() {
			entries, err := os.ReadDir(dir)
			for _, e := range entries {
				err = os.RemoveAll(filepath.Join(dir, e.Name()))
			}
			if err != nil {
				t.Fatal(err)
			}
			cp(aside, dir)
		}
	}
}

// lined leads an address through a line.
func lined(t *testing.T, address string) (string, *faultproxy.Proxy) {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := faultproxy.Start(t, u.Host)
	u.Host = p.Addr()
	return u.String(), p
}

func database(t *testing.T, port int) place {
	s := pgtest.Shared(t)
	name := fmt.Sprintf("w%d", workspaces.Add(1))
	p := place{home: home{url: s.URL("postgres", port) + "?workspace=" + name}}
	p.through, p.line = lined(t, p.url)
	p.backup = func() func() {
		tables.Do(func() { makeTables(t, p.home) })
		var aside, back []string
		for _, table := range []string{"state", "snapshot", "journal", "cache", "aside"} {
			aside = append(aside, fmt.Sprintf(`CREATE TABLE backup_%[1]s_%[2]s AS SELECT * FROM scim_sync.%[2]s WHERE workspace = '%[1]s'`, name, table))
			back = append(back, fmt.Sprintf(`DELETE FROM scim_sync.%[2]s WHERE workspace = '%[1]s'; INSERT INTO scim_sync.%[2]s SELECT * FROM backup_%[1]s_%[2]s`, name, table))
		}
		s.Exec(t, "postgres", strings.Join(aside, ";"))
		return func() { s.Exec(t, "postgres", strings.Join(back, ";")) }
	}
	p.fill = func(*string) func() {
		tables.Do(func() { makeTables(t, p.home) })
		fills.Do(func() {
			s.Exec(t, "postgres", `CREATE TABLE full_places (workspace text PRIMARY KEY);
				CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
					IF EXISTS (SELECT FROM public.full_places f WHERE f.workspace = NEW.workspace) THEN
						RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100';
					END IF;
					RETURN NEW;
				END $$;
				CREATE TRIGGER full_disk BEFORE INSERT ON scim_sync.journal FOR EACH ROW EXECUTE FUNCTION full_disk()`)
		})
		s.Exec(t, "postgres", `INSERT INTO full_places VALUES ('`+name+`')`)
		return func() { s.Exec(t, "postgres", `DELETE FROM full_places WHERE workspace = '`+name+`'`) }
	}
	return p
}

// makeTables has what any first run makes in a database.
func makeTables(t *testing.T, at home) {
	t.Helper()
	first, err := stores.Open(t.Context(), state.Location{URL: at.url + "-first"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	run, err := first.Begin(t.Context(), state.RunInfo{RunID: "first", Command: "test", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if err := run.Finish(t.Context(), state.Summary{}); err != nil {
		t.Fatal(err)
	}
}

func bucket(t *testing.T) place {
	s := buckets.Get(t)
	name := s.Bucket(t)
	address := func(endpoint string) string {
		return "s3://" + name + "/acme/prod?region=us-east-1&endpoint=" + endpoint
	}
	p := place{home: home{url: address(s.Endpoint), environ: s.Environ()}}
	through, line := lined(t, s.Endpoint)
	p.through, p.line = address(through), line
	p.backup = copied(t, filepath.Join(s.Root, name))
	p.fill = func(way *string) func() {
		var full atomic.Bool
		full.Store(true)
		full507, err := fullServer(s.Endpoint, &full)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(full507.Close)
		*way = address(full507.URL)
		return func() { full.Store(false) }
	}
	return p
}

// fullServer stands before a server and takes no line of a journal while it is full.
func fullServer(endpoint string, full *atomic.Bool) (*httptest.Server, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	on := &httputil.ReverseProxy{Transport: &http.Transport{DisableCompression: true}, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.Host = r.In.Host // it is signed
	}}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if full.Load() && r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/journal/") {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusInsufficientStorage)
			fmt.Fprint(w, "<Error><Code>InsufficientStorage</Code><Message>full</Message></Error>")
			return
		}
		on.ServeHTTP(w, r)
	})), nil
}
