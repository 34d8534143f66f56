package scim_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/internal/sample"
)

// TestLists: a list is read whole or not at all, whatever servers do with
// pages. Each row is a server that exists, or a lie that one could tell.
func TestLists(t *testing.T) {
	all := people(250)
	page := func(total, limit int, extra string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `{"totalResults":%d,%s"Resources":[%s]}`, total, extra, strings.Join(window(r.URL.Query(), all, limit), ","))
		}
	}
	firstAgain := func(total int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			entries := window(r.URL.Query(), all, 100)
			if len(entries) == 0 {
				entries = all[:100]
			}
			_, _ = fmt.Fprint(w, list(total, entries...))
		}
	}
	always := func(body string) http.HandlerFunc { return says(200, body) }
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  int    // people, when no error is expected
		err   string // part of the error's text
	}{
		"pages of 100":                          {serve: page(250, 100, ""), want: 250},
		"pages of 7, however many are asked":    {serve: page(250, 7, ""), want: 250},
		"everything at once":                    {serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, list(250, all...)) }, err: "more than the 100 entries"},
		"an entry twice in a page, alike":       {serve: always(list(3, all[0], all[1], all[0])), want: 2},
		"an entry twice in a page, different":   {serve: always(list(2, all[0], strings.Replace(all[0], "member", "admin", 1))), err: "came twice"},
		"Resources twice":                       {serve: always(`{"totalResults":1,"Resources":[` + all[0] + `],"Resources":[]}`), err: "Resources twice"},
		"something after the end":               {serve: always(list(1, all[0]) + "}"), err: "after its end"},
		"a comma too many":                      {serve: always(`{"totalResults":1,"Resources":[` + all[0] + `,]}`), err: "no JSON"},
		"nonsense beside the list":              {serve: always(`{"totalResults":1,"more":{"a":tru},"Resources":[` + all[0] + `]}`), err: "no JSON"},
		"nonsense in an entry":                  {serve: always(`{"totalResults":1,"Resources":[{"id":"u1","userName":"a@acme.com","x":[}]}]}`), err: "no JSON"},
		"itemsPerPage lies":                     {serve: page(250, 100, `"itemsPerPage":250,"startIndex":9,`), want: 250},
		"the first page again past the end":     {serve: firstAgain(250), want: 250},
		"the same, and the total is too large":  {serve: firstAgain(300), err: "came twice"},
		"the same page for ever":                {serve: always(list(300, all[:100]...)), err: "came twice"},
		"totalResults too large":                {serve: page(300, 100, ""), err: "fewer users arrived"},
		"totalResults beyond all reason":        {serve: page(1<<40, 100, ""), err: "fewer users arrived"},
		"totalResults too small":                {serve: page(60, 100, ""), err: "more users arrived"},
		"totalResults missing":                  {serve: always(`{"Resources":[]}`), err: "totalResults is missing"},
		"totalResults as text, keys in capital": {serve: always(`{"TOTALRESULTS":"1","RESOURCES":[` + all[0] + `]}`), want: 1},
		"a float that is huge":                  {serve: always(`{"totalResults":1e40,"Resources":[` + all[0] + `]}`), err: "came twice"},
		"a negative total":                      {serve: always(`{"totalResults":-1,"Resources":[]}`), err: "no number of results"},
		"no Resources though there are some":    {serve: always(`{"totalResults":3}`), err: "no Resources"},
		"Resources null though there are some":  {serve: always(`{"totalResults":3,"Resources":null}`), err: "no Resources"},
		"Resources of the wrong type":           {serve: always(`{"totalResults":1,"Resources":{}}`), err: "Resources in the answer is object"},
		"an entry that is null":                 {serve: always(`{"totalResults":1,"Resources":[null]}`), err: "has no id"},
		"an entry without an id":                {serve: always(`{"totalResults":1,"Resources":[{"userName":"a@acme.com"}]}`), err: "has no id"},
		"an entry without an address":           {serve: always(`{"totalResults":1,"Resources":[{"id":"u1"}]}`), err: "has no address"},
		"an id that leads elsewhere":            {serve: always(`{"totalResults":1,"Resources":[{"id":"..","userName":"a@acme.com"}]}`), err: "no address can hold"},
		"an empty body":                         {serve: always(``), err: "empty"},
		"null":                                  {serve: always(`null`), err: "null"},
		"a web page":                            {serve: always(`<!doctype html><title>Sign in</title>`), err: "web page"},
		"cut off":                               {serve: always(`{"totalResults":1,"Resources":[{"id":"u1"`), err: "unexpected end"},
		"an answer to something else":           {serve: always(`{"data":[]}`), err: "totalResults is missing"},
		"nobody, though the workspace has some": {serve: always(list(0)), err: "SCIM lists nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("GET /scim/v2/Users", c.serve)
			r, _ := o.client()
			w, err := r.Workspace(t.Context(), nil)
			if c.err != "" {
				if !attio.Is(err, attio.Untrusted) || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got %d people and %v, want an untrusted answer: %s", len(w.Members), err, c.err)
				}
				if len(w.Members)+len(w.Teams) > 0 {
					t.Fatal("something was given beside the error")
				}
				return
			}
			scim := 0
			for _, m := range w.Members {
				if m.ID != "" {
					scim++
				}
			}
			if err != nil || scim != c.want {
				t.Fatalf("got %d people, %v; want %d", scim, err, c.want)
			}
		})
	}
}

// TestUnevenPages: pages that were read at once and do not fit together are
// read again one after the other.
func TestUnevenPages(t *testing.T) {
	all := people(250)
	o := newOdd(t)
	o.on("GET /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
		entries := window(r.URL.Query(), all, 100)
		if r.URL.Query().Get("startIndex") == "101" && o.count("GET /scim/v2/Users") < 5 {
			entries = entries[:40] // a short page that is none of the last
		}
		_, _ = fmt.Fprint(w, list(250, entries...))
	})
	r, _ := o.client()
	heard := map[string]int{}
	w, err := r.Workspace(t.Context(), func(what string, n int) { heard[what] = n })
	if err != nil || len(w.Members) != 251 { // root is in REST alone
		t.Fatalf("got %d people, %v", len(w.Members), err)
	}
	if heard["members"] != 250 {
		t.Errorf("progress ended at %v", heard)
	}
}

// TestWholeOrNothing: for any size, any clamp on pages and any page that fails
// or shrinks, the reading is everybody or an error.
func TestWholeOrNothing(t *testing.T) {
	sample.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(rt, "people")
		limit := rapid.IntRange(1, 25).Draw(rt, "page size")
		broken := rapid.SampledFrom([]int{-1, -1, 1, 2, 3, 5}).Draw(rt, "broken page")
		how := rapid.SampledFrom([]string{"500", "short", "empty", "again"}).Draw(rt, "how")
		all := people(n)
		o := newOdd(t)
		seen := 0
		o.on("GET /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
			entries := window(r.URL.Query(), all, limit)
			o.mu.Lock()
			seen++
			is := seen == broken
			o.mu.Unlock()
			switch {
			case is && how == "500":
				w.WriteHeader(http.StatusInternalServerError)
				return
			case is && how == "short":
				entries = entries[:len(entries)/2]
			case is && how == "empty":
				entries = nil
			case is && how == "again":
				entries = all[:min(limit, n)]
			}
			_, _ = fmt.Fprint(w, list(n, entries...))
		})
		r, _ := o.client()
		w, err := r.Workspace(t.Context(), nil)
		if err != nil {
			if n == 0 && attio.Is(err, attio.Untrusted) || broken > 0 {
				return
			}
			rt.Fatal(err)
		}
		if len(w.Members) != n+1 {
			rt.Fatalf("%d people, want %d and root", len(w.Members), n)
		}
	})
}

// TestTeamsWithoutMembers: a list that leaves the members out is no list of
// empty teams; each is read by its id, and people who stand twice count once.
func TestTeamsWithoutMembers(t *testing.T) {
	o := newOdd(t)
	o.on("GET /scim/v2/Groups", says(200, list(4, `{"id":"g 1","displayName":"One"}`, teamJSON("g2", "Two"), `{"id":"g3","displayName":"Three"}`, `{"id":"g4","displayName":"Gone"}`)))
	o.on("GET /scim/v2/Groups/g%201", says(200, teamJSON("g 1", "One", "u1", "u2", "u1")))
	o.on("GET /scim/v2/Groups/g3", says(200, `{"id":"g3","displayName":"Three"}`))
	r, _ := o.client()
	w, err := r.Workspace(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(w.Teams), "[{g 1 One [u1 u2]} {g2 Two []} {g3 Three []}]"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	o.on("GET /scim/v2/Groups/g3", says(500, `oops`))
	if _, err := r.Workspace(t.Context(), nil); !attio.Is(err, attio.Unavailable) {
		t.Fatalf("a team that could not be read gave %v", err)
	}
}

// TestLargePagesAreReadFewAtATime: pages of megabytes, as of teams with many members,
// are in memory two at a time.
func TestLargePagesAreReadFewAtATime(t *testing.T) {
	all := people(500)
	var now, most atomic.Int32
	o := newOdd(t)
	o.on("GET /scim/v2/Users", func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		_, _ = fmt.Fprintf(w, `{"totalResults":%d,"note":"%s","Resources":[%s]}`, len(all), strings.Repeat("x", 9<<20), strings.Join(window(r.URL.Query(), all, 100), ","))
	})
	r, _ := o.client()
	ws, err := r.Workspace(t.Context(), nil)
	if err != nil || len(ws.Members) < len(all) || most.Load() > 2 {
		t.Errorf("%d people, %d pages at once, %v", len(ws.Members), most.Load(), err)
	}
}
