package attiotest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/sample"
)

func crowd(n int) attiotest.Site {
	s := site()
	for i := range n {
		m := attiotest.Member{Email: fmt.Sprintf("p%d@acme.test", i)}
		if i%7 == 0 {
			m.Status = attiotest.Suspended
		}
		s.Members = append(s.Members, m)
	}
	return s
}

// walk pages through a list as a client does, by what arrives.
func (p *place) walk(path string, count int) (seen []string, total int) {
	p.t.Helper()
	for {
		r := p.do(200, "GET", fmt.Sprintf("%s?startIndex=%d&count=%d", path, len(seen)+1, count), "")
		page := r.json["Resources"].([]any)
		total = int(r.json["totalResults"].(float64))
		if len(page) == 0 {
			return seen, total
		}
		for _, v := range page {
			seen = append(seen, v.(map[string]any)["id"].(string))
		}
	}
}

func TestPagesShowEverybodyOnce(t *testing.T) {
	for _, listSuspended := range []bool{true, false} {
		p := serve(t, crowd(230), behaving(func(b *attiotest.Behaviour) { b.ListSuspended = listSuspended }))
		want := map[string]bool{}
		for _, m := range p.Snapshot().Members {
			if listSuspended || m.Status != attiotest.Suspended {
				want[m.ID] = true
			}
		}
		sample.Check(t, func(rt *rapid.T) {
			seen, total := p.walk("/scim/v2/Users", rapid.IntRange(30, 300).Draw(rt, "count"))
			if total != len(want) || len(seen) != len(want) {
				rt.Fatalf("saw %d of %d, told %d", len(seen), len(want), total)
			}
			if got := slices.Collect(maps.Keys(want)); len(uniq(seen)) != len(got) {
				rt.Fatal("somebody came twice")
			}
			for _, id := range seen {
				if !want[id] {
					rt.Fatalf("%s should not be listed", id)
				}
			}
		})
	}
}

func uniq(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestPageEdges(t *testing.T) {
	p := serve(t, crowd(230))
	for _, c := range []struct {
		query       string
		start, many int
	}{
		{"", 1, 100}, {"?count=1000", 1, 100}, {"?count=0", 1, 0}, {"?count=-1", 1, 0}, {"?startIndex=0&count=5", 1, 5},
		{"?startIndex=-9&count=5", 1, 5}, {"?startIndex=234&count=5", 234, 1}, {"?startIndex=235", 235, 0}, {"?startIndex=99999999", 99999999, 0},
	} {
		r := p.do(200, "GET", "/scim/v2/Users"+c.query, "")
		if r.json["totalResults"] != 234.0 || r.json["startIndex"] != float64(c.start) || r.json["itemsPerPage"] != float64(c.many) || len(r.json["Resources"].([]any)) != c.many {
			t.Errorf("%s: %.200s", c.query, r.text)
		}
	}
}

func TestFilters(t *testing.T) {
	s := site()
	s.Members = append(s.Members, attiotest.Member{Email: `o"b\x@acme.test`, GivenName: "Zoë"})
	p := serve(t, s)
	for filter, want := range map[string]string{
		`userName eq "BEN@ACME.test"`:        ben,
		`username EQ "ben@acme.test"`:        ben,
		`emails.value eq "ivy@partner.test"`: ivy,
		`userName ew "@partner.test"`:        ivy,
		`userName co "sue"`:                  sue,
		`userName sw "sue"`:                  sue,
		`active eq false`:                    sue,
		`active ne true`:                     sue,
		`name.givenName eq "Zoë"`:            `o"b\x@acme.test`,
		`name.givenName eq "zo\u00eb"`:       `o"b\x@acme.test`,
		`name.familyName eq "Fox"`:           ivy,
		`userName eq "o\"b\\x@acme.test"`:    `o"b\x@acme.test`,
		`id eq "` + p.member(sue).ID + `"`:   sue,
		`userName eq "nobody@acme.test"`:     "",
		`userName eq ""`:                     "",
		`userName eq " ben@acme.test"`:       "",
		`userName ne "ben@acme.test"`:        "4",
		`userName co ""`:                     "5",
	} {
		r := p.do(200, "GET", "/scim/v2/Users"+filtered(filter), "")
		var got []string
		for _, v := range r.json["Resources"].([]any) {
			got = append(got, v.(map[string]any)["userName"].(string))
		}
		if have := strings.Join(got, " "); have != want && want != fmt.Sprint(len(got)) {
			t.Errorf("%s finds %q, want %q", filter, have, want)
		}
	}
}
