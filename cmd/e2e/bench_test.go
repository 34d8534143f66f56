package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// part is some rows that belong together.
type part struct {
	name string
	play func(*contest)
}

// BenchmarkRows drives the program itself, built as for a release, against an
// Okta and an Attio in this process, over loopback, and prints what each run
// cost. Requests, writes and answers 429 are checked; times are only shown, as
// they are the machine's as well.
//
//	go test -run '^$' -bench Rows -timeout 0 ./cmd/e2e
//
// These variables say more:
//
//	SCIM_SYNC_ROWS=thousand,start  only these parts
//	SCIM_SYNC_OLD=/path/scim-sync  an older program, which takes turns with this one
//	SCIM_SYNC_ROUNDS=3             how often; 1, and 5 beside an older program. Medians are shown
//	SCIM_SYNC_TIMELINE=1           print when the requests of each run came and went
func BenchmarkRows(b *testing.B) {
	parts := []part{
		{"thousand", thousand}, {"slow", slow}, {"limited", limited}, {"share", share}, {"growth", growth},
		{"huge", huge}, {"full", hugeFull}, {"state", hugeState}, {"year", year}, {"start", start},
	}
	only := strings.FieldsFunc(os.Getenv("SCIM_SYNC_ROWS"), func(r rune) bool { return r == ',' })
	for _, name := range only {
		if !slices.ContainsFunc(parts, func(p part) bool {
			return p.name == name
		}) {
			b.Fatalf("SCIM_SYNC_ROWS names %s, which there is none of", name)
		}
	}
	c := newContest(b)
	for b.Loop() {
		c.rows = nil
		for c.round = range c.rounds {
			for _, p := range parts {
				if len(only) == 0 || slices.Contains(only, p.name) {
					p.play(c)
				}
			}
		}
	}
	fmt.Println("\n" + c.table())
}
