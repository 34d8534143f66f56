package commands

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAClockThatIsFarOffEndsTheRun: by ten minutes and more, forward or back, and
// nothing is written; a plan ends so too.
func TestAClockThatIsFarOffEndsTheRun(t *testing.T) {
	p := serve(t, nil)
	for _, off := range []time.Duration{11 * time.Minute, -2 * 365 * 24 * time.Hour} {
		p.now = func() time.Time { return time.Now().Add(off) }
		for _, args := range [][]string{{"plan"}, {"apply", "--yes", "--first-run"}} {
			if r := p.run(args...); r.code != 75 || !strings.Contains(r.errors, "this machine's clock is") {
				t.Errorf("%s, %v: %d %s", off, args, r.code, r.errors)
			}
		}
	}
	if n := len(p.box.Attio.Writes()); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// TestNoDateIsOfThisMachinesClock: with a clock five minutes ahead the run warns,
// and all that is kept has the services' time; also where the run is begun before
// either service has told it.
func TestNoDateIsOfThisMachinesClock(t *testing.T) {
	t.Run("signed in first", func(t *testing.T) { noDateIsOfThisMachine(t, serve(t, nil)) })
	t.Run("signed in beside the reading", func(t *testing.T) {
		p := serve(t, nil)
		p.env["SCIM_SYNC_STATE_URL"] = "file://" + p.home + "/state.json"
		noDateIsOfThisMachine(t, p)
	})
}

func noDateIsOfThisMachine(t *testing.T, p *place) {
	p.now = func() time.Time { return time.Now().Add(5 * time.Minute) }
	r := p.run("apply", "--yes", "--first-run")
	if r.code != 0 || strings.Count(r.errors, "ahead of Okta's") != 1 {
		t.Fatalf("%d %s", r.code, r.errors)
	}
	latest := time.Now().Add(time.Minute)
	dates := 0
	for name, text := range files(t, p.home) {
		if !strings.Contains(name, ".json") {
			continue
		}
		for line := range strings.Lines(text) {
			for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("\",{}[] ", r) }) {
				var at time.Time
				if json.Unmarshal([]byte(`"`+word+`"`), &at) != nil {
					continue
				}
				if dates++; at.After(latest) {
					t.Errorf("%s holds %s", name, word)
				}
			}
		}
	}
	if dates < 10 {
		t.Errorf("only %d dates were looked at", dates)
	}
}
