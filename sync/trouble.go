package sync

import (
	"cmp"
	"slices"
	"time"
)

// Trouble is something that is wrong, run after run until somebody acts: a refusal,
// a failed step, a note of weight, a run that came to no end.
type Trouble struct {
	// Key says what makes it the same trouble from run to run.
	Key string
	// Lead is one word for it (refused, failed, note), Code its code.
	Lead string
	Code Code
	// Once: it happened, and does not last.
	Once bool
	// Text says what is wrong and with whom, Remedy what to do about it.
	Text, Remedy string
}

// ToldTrouble is a trouble that people were told of.
type ToldTrouble struct {
	Key   string    `json:"key"`
	Lead  string    `json:"lead"`
	Code  Code      `json:"code,omitempty"`
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"` // when people were told of it last
}

// ToldList is all that people were told of, and have not been told to be over.
type ToldList struct {
	List []ToldTrouble `json:"list"`
}

// RemindEvery is how long a trouble lasts until people are told of it again.
const RemindEvery = 24 * time.Hour

// Tidings are what there is to tell of troubles.
type Tidings struct {
	Begun   []Trouble     // are new, or another than before
	Lasting []ToldTrouble // were told a day ago and are still there
	Ended   []ToldTrouble // are over
}

// Some says whether there is anything to tell.
func (t Tidings) Some() bool { return len(t.Begun)+len(t.Lasting)+len(t.Ended) > 0 }

// Tell says what there is to tell of the troubles of a run after what was told
// before, and what was told then.
func Tell(was []ToldTrouble, now []Trouble, at time.Time) (news Tidings, told []ToldTrouble) {
	before := make(map[string]ToldTrouble, len(was))
	for _, t := range was {
		before[t.Key] = t
	}
	there := map[string]bool{}
	for _, t := range now {
		if there[t.Key] {
			continue
		}
		there[t.Key] = true
		if t.Once {
			news.Begun = append(news.Begun, t)
			continue
		}
		known, told1 := before[t.Key]
		switch {
		case !told1:
			news.Begun = append(news.Begun, t)
			known = ToldTrouble{Key: t.Key, Lead: t.Lead, Code: t.Code, Text: t.Text, Since: at, Last: at}
		case at.Sub(known.Last) >= RemindEvery:
			known.Last, known.Text = at, t.Text
			news.Lasting = append(news.Lasting, known)
		}
		told = append(told, known)
	}
	for _, t := range was {
		if !there[t.Key] {
			news.Ended = append(news.Ended, t)
		}
	}
	slices.SortFunc(told, func(a, b ToldTrouble) int { return cmp.Compare(a.Key, b.Key) })
	return news, told
}
