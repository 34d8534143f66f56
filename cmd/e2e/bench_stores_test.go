//go:build !windows

package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/pgtest"
	"scim-sync/internal/s3test"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// away is how far the stores are, as Okta and Attio.
const away = 20 * time.Millisecond

// storeRows are the same runs with the state in files, in PostgreSQL and in S3, one after
// the other, with Attio's own limit of writes and with one of 100. Without the servers
// there are those on files alone.
func storeRows(c *contest) {
	c.writesPerSecond(25, 1.02) // two clocks' own spread
	c.writesPerSecond(100, 1.3)
}

// places are an empty one of each kind that there is, the first of them files.
func places(b *testing.B, away time.Duration) []sharedStore {
	b.Helper()
	all := []sharedStore{{name: "files"}}
	if err := pgtest.Missing(); err != nil {
		fmt.Println(err)
	} else {
		all = append(all, onPostgres(b, away))
	}
	if err := s3test.Missing(); err != nil {
		fmt.Println(err)
	} else {
		all = append(all, onS3(b, away))
	}
	return all
}

// writesPerSecond are first syncs of 1,000 people and the runs after them, which
// may take so many times as long as on files, the first of the places.
func (c *contest) writesPerSecond(writes, times float64) {
	var onFiles time.Duration
	for _, place := range places(c.B, away) {
		of := aThousand(away)
		of.writes = writes
		s := c.set(of)
		for _, l := range s.lanes[1:] {
			l.close() // an older program may know of files alone
		}
		s.lanes = s.lanes[:1]
		s.lanes[0].env = append(s.lanes[0].env, place.env...)
		first := s.run(step{name: fmt.Sprintf("%s: first sync, %.0f writes a second", place.name, writes), says: "Done: ", writes: 1050}, "apply", "--yes", "--first-run")
		if onFiles == 0 {
			onFiles = first.ran[0][0].wall
		}
		first.bound = time.Duration(times * float64(onFiles))
		s.run(step{says: "Nothing to do", unnoted: true}, "apply", "--yes") // it looks at what was written
		asked := 0
		if place.asked != nil {
			asked = place.asked()
		}
		idle := s.run(step{name: fmt.Sprintf("%s: nothing changed, after %.0f writes a second", place.name, writes), says: "Nothing to do", wall: time.Second}, "apply", "--yes")
		if place.asked != nil {
			idle.most = fmt.Sprintf("%d %s", place.asked()-asked, place.unit)
		}
		s.end()
	}
}

// large is a state of 100,000 people, read by one command, and read and written by
// another, with the store on this machine.
func large(c *contest) {
	s := c.set(company{people: 10, teams: 2, memberships: 10})
	defer s.end()
	s.lanes = s.lanes[:1]
	l := s.lanes[0]
	path := filepath.Join(l.folder, "large", "state.json")
	manyPeople(c.B, path, l.oktaURL, l.org.AppID(), 100_000)
	places := places(c.B, 0)
	places[0].env = []string{"SCIM_SYNC_STATE_URL=file://" + filepath.ToSlash(path)}
	environment := l.env
	for i, place := range places {
		if i > 0 {
			l.env = slices.Concat(environment, place.env, places[i-1].env) // of one name the last counts
			s.run(step{name: place.name + ": 100,000 people, state move to it"}, "state", "move", place.url)
		}
		l.env = slices.Concat(environment, place.env)
		s.run(step{name: place.name + ": 100,000 people, state show", wall: 3 * time.Second, memory: 250 << 20}, "state", "show")
		s.run(step{name: place.name + ": 100,000 people, pause (reads and writes)", wall: 6 * time.Second, memory: 250 << 20}, "pause", "--for", "1h", "--reason", "measured")
	}
}

// manyPeople makes a state in which so many people are managed.
func manyPeople(b *testing.B, path, org, app string, n int) {
	b.Helper()
	store, err := state.Open(context.Background(), state.Location{URL: "file://" + filepath.ToSlash(path)})
	if err != nil {
		b.Fatal(err)
	}
	run, err := store.Begin(context.Background(), state.RunInfo{RunID: "before", Command: "test", Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	if err := run.Bind(context.Background(), "ws", org, app); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup // those who wait together share one write to the disk
	for i := range n {
		wg.Go(func() {
			p := core.ManagedPerson{OktaID: fmt.Sprintf("00u%017d", i), Email: fmt.Sprintf("person%06d@acme.example", i), AttioID: fmt.Sprintf("0f8fad5b-d9cb-469f-a165-%012d", i), Kind: core.Membership,
				ManagedSince: time.Now(), Applied: core.Applied{Active: true, Profile: attio.Profile{GivenName: "Person", FamilyName: fmt.Sprintf("Number %d", i)}}}
			if err := run.Learn(context.Background(), nil, core.Change{Person: &p}); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	if err := run.Finish(context.Background(), state.Summary{}); err != nil {
		b.Fatal(err)
	}
}
