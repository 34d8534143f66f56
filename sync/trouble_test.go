package sync

import (
	"slices"
	"testing"
	"time"
)

// TestTroubleIsToldOnce: when it begins, once a day while it lasts, once when it ends;
// one that has changed is another.
func TestTroubleIsToldOnce(t *testing.T) {
	start := time.Date(2026, 3, 1, 20, 9, 0, 0, time.UTC)
	five, six := Trouble{Key: "removals 5", Text: "5 of 10"}, Trouble{Key: "removals 6", Text: "6 of 10"}
	seat := Trouble{Key: "seat", Text: "no seat"}
	var told []ToldTrouble
	for _, step := range []struct {
		after                 time.Duration
		now                   []Trouble
		begun, lasting, ended []string
	}{
		{0, nil, nil, nil, nil},
		{0, []Trouble{five}, []string{"removals 5"}, nil, nil},
		{15 * time.Minute, []Trouble{five}, nil, nil, nil},
		{30 * time.Minute, []Trouble{seat, five, seat}, []string{"seat"}, nil, nil},
		{23 * time.Hour, []Trouble{five, seat}, nil, nil, nil},
		{24 * time.Hour, []Trouble{five, seat}, nil, []string{"removals 5"}, nil},
		{25 * time.Hour, []Trouble{six, seat}, []string{"removals 6"}, []string{"seat"}, []string{"removals 5"}},
		{47 * time.Hour, []Trouble{six}, nil, nil, []string{"seat"}},
		{48 * time.Hour, nil, nil, nil, []string{"removals 6"}},
		{49 * time.Hour, nil, nil, nil, nil},
	} {
		var news Tidings
		news, told = Tell(told, step.now, start.Add(step.after))
		var begun, lasting, ended []string
		for _, x := range news.Begun {
			begun = append(begun, x.Key)
		}
		for _, x := range news.Lasting {
			lasting = append(lasting, x.Key)
			if x.Since.Equal(x.Last) {
				t.Errorf("after %s: %+v does not say since when", step.after, x)
			}
		}
		for _, x := range news.Ended {
			ended = append(ended, x.Key)
		}
		if !slices.Equal(begun, step.begun) || !slices.Equal(lasting, step.lasting) || !slices.Equal(ended, step.ended) ||
			news.Some() != (len(begun)+len(lasting)+len(ended) > 0) {
			t.Errorf("after %s: begun %v, lasting %v, ended %v", step.after, begun, lasting, ended)
		}
	}
	if len(told) != 0 {
		t.Errorf("left: %+v", told)
	}
}
