//go:build !windows

package e2e

import (
	"crypto/md5" // what ETags are made of
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
)

// TestDoctorNamesWhatIsOddAboutAStore: the whole program at real servers; what a
// run can live with ends with 0, and the rest with what has to be done.
func TestDoctorNamesWhatIsOddAboutAStore(t *testing.T) {
	sample.Long(t)
	pg := pgtest.Shared(t)
	s := newScene(t, defaultWorld).play(t)
	asks := func(name, address string, code int, says ...string) {
		t.Run(name, func(t *testing.T) {
			env := s.env
			defer func() { s.env = env }()
			s.env = append(append(append([]string{}, env...), buckets.Get(t).Environ()...), "SCIM_SYNC_STATE_URL="+address)
			s.t = t
			said := s.run(code, "doctor").out.String()
			for _, want := range says {
				if !strings.Contains(said, want) {
					t.Errorf("does not say %q", want)
				}
			}
			if strings.Contains(said, pgtest.Password) || t.Failed() {
				t.Errorf("it says:\n%s", said)
			}
		})
	}
	name := pg.Fresh(t)
	pg.Exec(t, "postgres", "ALTER DATABASE "+name+" SET synchronous_commit = off")
	asks("PostgreSQL", pg.URL(name, pg.Port), 0, "(PostgreSQL ", "fsync or full_page_writes is off", "synchronous_commit is off", "A run will work")
	asks("PgBouncer", pg.URL(name, pg.Bouncer(t).Port), 0, "a pooler stands between, such as PgBouncer", "A run will work")

	pg.Exec(t, "postgres", "CREATE ROLE weak LOGIN PASSWORD 'weak'")
	pg.Exec(t, name, "CREATE SCHEMA scim_sync")
	weak := fmt.Sprintf("postgres://weak:weak@127.0.0.1:%d/%s", pg.Port, name)
	asks("no right to the schema", weak, 5, "may not use the schema", `GRANT USAGE ON SCHEMA "scim_sync" TO "weak";`)
	pg.Exec(t, name, "GRANT USAGE ON SCHEMA scim_sync TO weak")
	asks("no right to make tables", weak, 5, "may not create them", `GRANT CREATE ON SCHEMA "scim_sync" TO "weak";`)

	asks("nobody there", "postgres://u:p@127.0.0.1:1/db", 75, "connection refused", "state.url")
	primary := pgtest.Own(t)
	standby := primary.Standby(t)
	asks("standby", standby.URL("postgres", standby.Port), 5, "it is a standby", "Name the primary")

	server := buckets.Get(t)
	bucket := "s3://" + server.Bucket(t) + "/prod?region=us-east-1&endpoint="
	asks("versitygw", bucket+server.Endpoint, 0, "Everything that could be looked at is right.")
	asks("no bucket", "s3://nowhere/prod?region=us-east-1&endpoint="+server.Endpoint, 5, "no such bucket")
	for name, c := range map[string]struct {
		fake  *looseBucket
		wants string
		code  int
	}{
		"takes no notice of conditions": {&looseBucket{loose: true}, "takes no notice of If-None-Match", 5},
		"has faulty delete markers":     {&looseBucket{markers: true}, "faulty delete markers", 5},
		"deletes what is old":           {&looseBucket{rule: "tidy"}, `the lifecycle rule "tidy" of the bucket would delete the state`, 5},
		"is open to anybody":            {&looseBucket{open: true}, "anybody may read the bucket without keys", 0},
		"has a clock that is behind":    {&looseBucket{late: time.Hour}, "its clock is 1h0m", 0},
	} {
		fake := httptest.NewServer(c.fake)
		t.Cleanup(fake.Close)
		asks(name, "s3://a-bucket/prod?region=us-east-1&endpoint="+fake.URL, c.code, c.wants)
	}
}

// looseBucket is a server of one bucket that breaks a promise.
type looseBucket struct {
	loose   bool          // conditions are not looked at
	markers bool          // what was deleted cannot be made again
	open    bool          // nobody needs a key
	rule    string        // of its lifecycle, by which everything is deleted
	late    time.Duration // its clock

	mu      sync.Mutex
	objects map[string]string
	deleted map[string]bool
}

func (b *looseBucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.objects == nil {
		b.objects, b.deleted = map[string]string{}, map[string]bool{}
	}
	w.Header().Set("Date", time.Now().Add(-b.late).UTC().Format(http.TimeFormat))
	key := strings.TrimPrefix(r.URL.Path, "/a-bucket/")
	body, there := b.objects[key]
	tag := func(body string) string { return fmt.Sprintf(`"%x"`, md5.Sum([]byte(body))) }
	switch {
	case r.Header.Get("Authorization") == "" && !b.open:
		refuse(w, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodPut:
		none, match := r.Header.Get("If-None-Match") == "*", r.Header.Get("If-Match")
		if !b.loose && (none && (there || b.deleted[key] && b.markers) || match != "" && (!there || strings.Trim(match, `"`) != strings.Trim(tag(body), `"`))) {
			refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
			return
		}
		raw, _ := io.ReadAll(r.Body)
		b.objects[key] = string(raw)
		w.Header().Set("ETag", tag(string(raw)))
	case r.Method == http.MethodDelete:
		delete(b.objects, key)
		b.deleted[key] = true
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Query().Has("lifecycle") && b.rule != "":
		fmt.Fprintf(w, "<LifecycleConfiguration><Rule><ID>%s</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>"+
			"<Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>", b.rule)
	case r.URL.Query().Has("lifecycle"):
		refuse(w, http.StatusNotFound, "NoSuchLifecycleConfiguration")
	case r.URL.Query().Has("list-type"):
		fmt.Fprint(w, "<ListBucketResult>")
		for key := range b.objects {
			if strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
				fmt.Fprintf(w, "<Contents><Key>%s</Key></Contents>", key)
			}
		}
		fmt.Fprint(w, "</ListBucketResult>")
	case there:
		w.Header().Set("ETag", tag(body))
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		fmt.Fprint(w, body)
	case key == "":
	default:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}
