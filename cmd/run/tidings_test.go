package run

import (
	"testing"
	"time"

	core "scim-sync/sync"
)

// TestWhatNobodyLookedAfterIsNotOver: a run that failed before its plan, was
// interrupted, or is about a part alone says nothing of a standing refusal.
func TestWhatNobodyLookedAfterIsNotOver(t *testing.T) {
	at := time.Date(2026, 3, 1, 20, 9, 0, 0, time.UTC)
	refused := core.ToldTrouble{Key: "r", Lead: "refused", Since: at, Last: at}
	failed := core.ToldTrouble{Key: "f", Lead: "failed", Since: at, Last: at}
	away := core.Trouble{Key: "away", Lead: "failed"}
	for _, c := range []struct {
		name               string
		now                []core.Trouble
		looked             reach
		begun, ended, told int
	}{
		{"a whole run without troubles", nil, everywhere, 0, 2, 0},
		{"a run that failed before its plan", []core.Trouble{away}, beforePlan, 1, 0, 2},
		{"one that was interrupted", nil, nowhere, 0, 0, 2},
		{"one of a part that fails", []core.Trouble{away}, nowhere, 1, 0, 3},
	} {
		news, told := tidings([]core.ToldTrouble{failed, refused}, c.now, c.looked, at.Add(25*time.Hour))
		if len(news.Begun) != c.begun || len(news.Ended) != c.ended || len(news.Lasting) != 0 || len(told) != c.told {
			t.Errorf("%s: %+v, told %+v", c.name, news, told)
		}
	}
}

// TestARefusalIsTheSameOnceItHasRefused: less is allowed then, in other words, and of
// neither is said that it is over; other people are another refusal.
func TestARefusalIsTheSameOnceItHasRefused(t *testing.T) {
	keyOf := func(detail string) string {
		return cause{lead: "refused", code: core.TooManyRemovals}.trouble([]occurrence{{"Gale", detail, ""}}).Key
	}
	first := keyOf("45 of 60 managed people would lose their place; protect.removals allows 12")
	if again := keyOf("45 of 60 managed people would lose their place; after a refusal (too-many-removals) only 5 are allowed until the removals are within that again"); again != first {
		t.Error("told as another one")
	}
	if more := keyOf("46 of 60 managed people would lose their place; protect.removals allows 12"); more == first {
		t.Error("not told that there are more")
	}
}
