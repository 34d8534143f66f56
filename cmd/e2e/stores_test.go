//go:build !windows

package e2e

import (
	"bytes"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faultproxy"
	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
)

// sharedStore is an empty place on a server that several machines reach, behind a
// proxy.
type sharedStore struct {
	name  string
	unit  string     // of what it is asked
	url   string     // empty: files, where nothing says otherwise
	env   []string   // by which the program finds it
	asked func() int // so far, from the first call of it on
	proxy *faultproxy.Proxy
}

// onPostgres gives one in a database of its own. What it is asked is counted by
// the server: each statement, with those of the driver.
func onPostgres(t testing.TB, away time.Duration) sharedStore {
	t.Helper()
	pg := pgtest.Shared(t)
	name := pg.Fresh(t)
	target, err := url.Parse(pg.URL(name, pg.Port))
	if err != nil {
		t.Fatal(err)
	}
	p := faultproxy.Start(t, target.Host)
	p.Away(away)
	logged := sync.OnceFunc(func() {
		pg.Exec(t, "postgres", "ALTER DATABASE "+name+" SET log_parameter_max_length = 0; ALTER DATABASE "+name+" SET log_statement = 'all'")
	})
	asked := func() (n int) {
		logged()
		for line := range strings.Lines(pg.Log(t)) {
			if strings.Contains(line, " "+name+" LOG:  statement: ") || strings.Contains(line, " "+name+" LOG:  execute ") {
				n++
			}
		}
		return n
	}
	return shared("PostgreSQL", pg.URL(name, p.Port()), "statements", asked, p)
}

// onS3 gives one in a bucket of its own. What it is asked is counted on the way.
func onS3(t testing.TB, away time.Duration) sharedStore {
	t.Helper()
	server := buckets.Get(t)
	p := faultproxy.Start(t, strings.TrimPrefix(server.Endpoint, "http://"))
	p.Away(away)
	var requests atomic.Int64
	p.Rule(func(sent []byte) faultproxy.Fault {
		for _, method := range []string{"GET /", "PUT /", "HEAD /", "POST /", "DELETE /"} {
			if bytes.HasPrefix(sent, []byte(method)) {
				requests.Add(1)
			}
		}
		return faultproxy.Pass
	})
	address := "s3://" + server.Bucket(t) + "/prod?region=us-east-1&endpoint=http://" + p.Addr()
	return shared("S3", address, "requests", func() int { return int(requests.Load()) }, p, server.Environ()...)
}

func shared(name, address, unit string, asked func() int, p *faultproxy.Proxy, env ...string) sharedStore {
	return sharedStore{name: name, url: address, unit: unit, env: append(env, "SCIM_SYNC_STATE_URL="+address), asked: asked, proxy: p}
}

// TestRunThatFindsNothingToDoAsksTheStoreLittle: the whole program, as the server
// counts it. What a run reads of Okta once more, as all of it once a day and groups
// that have just changed, it keeps by one more.
func TestRunThatFindsNothingToDoAsksTheStoreLittle(t *testing.T) {
	for _, most := range sample.One(t.Name(), []int{8, 6}) {
		open := map[int]func(testing.TB, time.Duration) sharedStore{8: onPostgres, 6: onS3}[most]
		store := open(t, 0)
		t.Run(store.name, func(t *testing.T) {
			sc := newScene(t, defaultWorld)
			sc.okta = []oktatest.Option{oktatest.WithAged(time.Now().Add(-2 * time.Hour))}
			s := sc.play(t)
			s.env = append(append(s.env, store.env...), "SCIM_SYNC_TEAMS_SAME_NAME=link")
			s.run(0, apply...)
			for more, args := range [][]string{{"apply", "--yes"}, {"apply", "--yes", "--full"}} {
				s.run(0, args...) // it may have learned something
				before := store.asked()
				s.run(0, args...)
				if n := store.asked() - before; n > most+more || n < 4 {
					t.Errorf("%v: %d %s, at most %d", args, n, store.unit, most+more)
				} else {
					t.Logf("%v: %d %s", args, n, store.unit)
				}
			}
		})
	}
}
