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

// stores25 are the same runs with the state in files, in PostgreSQL and in S3, side
// by side, with Attio's own limit of writes. Without the servers there are those on
// files alone.
func stores25(b *testing.B, program string) []row {
	return writesPerSecond(b, program, places(b, away), 25, 1.02) // two clocks' own spread
}

// stores100 is the same with that limit lifted to 100.
func stores100(b *testing.B, program string) []row {
	return writesPerSecond(b, program, places(b, away), 100, 1.3)
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
func writesPerSecond(b *testing.B, program string, places []sharedStore, writes float64, times float64) (rows []row) {
	var onFiles time.Duration
	for _, place := range places {
		s := set(b, program, company{people: 1000, teams: 50, memberships: 5000, latency: 20 * time.Millisecond, writes: writes})
		s.environment = append(s.environment, place.env...)
		r := s.run(fmt.Sprintf("%s: first sync, %.0f writes a second", place.name, writes), 0, "Done: ", "apply", "--yes", "--first-run")
		s.within(&r, 1050, 1050+1050+54+4+5)
		if onFiles == 0 {
			onFiles = r.wall
		}
		r.bound = time.Duration(times * float64(onFiles))
		s.run("", 0, "Nothing to do", "apply", "--yes") // it looks at what was written
		asked := 0
		if place.asked != nil {
			asked = place.asked()
		}
		idle := s.run(place.name+": nothing changed", time.Second, "Nothing to do", "apply", "--yes")
		if place.asked != nil {
			idle.name += fmt.Sprintf(", %d %s", place.asked()-asked, place.unit)
		}
		rows = append(rows, r, idle)
		s.close()
	}
	return rows
}

// large is a state of 100,000 people, read by one command, and read and written by
// another, with the store on this machine.
func large(b *testing.B, program string) (rows []row) {
	places := places(b, 0)
	s := set(b, program, company{people: 10, teams: 2, memberships: 10})
	defer s.close()
	path := filepath.Join(s.folder, "large", "state.json")
	manyPeople(b, path, s.oktaT.URL, s.org.AppID(), 100_000)
	places[0].env = []string{"SCIM_SYNC_STATE_URL=file://" + filepath.ToSlash(path)}
	environment := s.environment
	for i, place := range places {
		if i > 0 {
			s.environment = slices.Concat(environment, place.env, places[i-1].env) // of one name the last counts
			s.run("", 0, "", "state", "move", place.url)
		}
		s.environment = slices.Concat(environment, place.env)
		read := s.run(place.name+": 100,000 people, state show", 3*time.Second, "", "state", "show")
		write := s.run(place.name+": 100,000 people, pause", 6*time.Second, "", "pause", "--for", "1h", "--reason", "measured")
		read.memoryTop, write.memoryTop = 250<<20, 250<<20
		rows = append(rows, read, write)
	}
	return rows
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
