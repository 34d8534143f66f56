package okta

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"scim-sync/idp"
)

// TestTheAppIsHeardBeforeItsLists: they are asked for beside it; whatever they say,
// and however much sooner, what people are told is what the app's answer says.
func TestTheAppIsHeardBeforeItsLists(t *testing.T) {
	fails := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { oktaError(w, status, code, "no") }
	}
	apps := map[string]struct {
		answer http.HandlerFunc
		kind   idp.ErrorKind
	}{
		"inactive": {serveJSON(`{"id":"` + testApp + `","label":"Attio","status":"INACTIVE"}`), idp.AppInactive},
		"gone": {func(w http.ResponseWriter, _ *http.Request) {
			oktaError(w, 404, "E0000007", "Not found: Resource not found: "+testApp+" (AppInstance)")
		}, idp.Setting},
		"no status": {serveJSON(`{"id":"` + testApp + `","label":"Attio"}`), idp.Untrusted},
	}
	lists := map[string]http.HandlerFunc{
		"good": serveJSON(`[]`), "forbidden": fails(403, "E0000006"), "nonsense": serveJSON(`[null]`), "down": fails(503, "E0000009"),
	}
	for name, app := range apps {
		for said, list := range lists {
			o := newOrg(t)
			answered := make(chan struct{})
			o.on(appRoot, func(w http.ResponseWriter, r *http.Request) {
				<-answered // a list's answer is there first
				app.answer(w, r)
			})
			o.on(appRoot+"/users", serveJSON(`[]`))
			o.on(appRoot+"/groups", serveJSON("["+assignment(1, "Eng")+"]"))
			var once sync.Once
			o.on("/api/v1/groups", func(w http.ResponseWriter, r *http.Request) {
				list(w, r)
				once.Do(func() { close(answered) })
			})
			if _, err := o.read(t, o.source(t)); idp.KindOf(err) != app.kind {
				t.Errorf("%s, the list %s: %v", name, said, err)
			}
			if n := o.requests("/api/v1/groups/"); len(n) != 0 {
				t.Errorf("%s, the list %s: asked for members: %v", name, said, n)
			}
		}
	}
}

// TestNothingWaitsForTheApp: the app, the first of its two lists, and what the
// credential sees are under way at once; the other list waits for one page of the
// first, which shows how much of their common limit there is.
func TestNothingWaitsForTheApp(t *testing.T) {
	o := newOrg(t)
	var first sync.WaitGroup
	first.Add(3)
	together := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			first.Done()
			all := make(chan struct{})
			go func() { first.Wait(); close(all) }()
			select {
			case <-all:
				answer(w, r)
			case <-time.After(10 * time.Second):
				t.Errorf("%s was alone", r.URL.Path)
			}
		}
	}
	o.on(appRoot, together(serveJSON(`{"id":"`+testApp+`","label":"Attio","status":"ACTIVE"}`)))
	o.on("/api/v1/groups", together(serveJSON(`[]`)))
	o.on(appRoot+"/groups", together(serveJSON("["+assignment(1, "Eng")+"]")))
	o.on("/api/v1/groups/"+groupIDN(1)+"/users", serveJSON(`[]`))
	people := paged(appUsers(3), 500)
	o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
		if len(o.requests(appRoot+"/groups")) == 0 {
			t.Error("people were asked for before the groups, without a cache")
		}
		people(w, r)
	})
	dir, err := o.read(t, o.source(t))
	if err != nil || len(dir.People) != 3 || len(dir.Groups) != 1 {
		t.Errorf("%d people, %d groups, %v", len(dir.People), len(dir.Groups), err)
	}
}
