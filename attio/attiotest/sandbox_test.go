package attiotest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/attio/attiotest"
)

func record(srv http.Handler, method, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+writer)
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	return w
}

func (p *place) event(want int, body string) {
	p.t.Helper()
	req := request(p.t, "POST", p.url+"/sandbox/do", body)
	req.Header.Set("Content-Type", "application/json")
	if r := send(p.t, http.DefaultClient, req); r.status != want {
		p.t.Fatalf("%s: %d, want %d: %s", body, r.status, want, r.text)
	}
}

func TestChangesByHand(t *testing.T) {
	p := serve(t, site())
	p.event(200, `{"event":"accept_invite","email":"ivy@partner.test"}`)
	p.event(200, `{"event":"set_role","email":"ivy@partner.test","role":"admin"}`)
	p.event(200, `{"event":"suspend","email":"ada@acme.test"}`)
	p.event(400, `{"event":"suspend","email":"ivy@partner.test"}`)
	p.event(200, `{"event":"reactivate","email":"ada@acme.test"}`)
	p.event(200, `{"event":"rename_person","email":"ada@acme.test","given_name":"Augusta"}`)
	p.event(200, `{"event":"change_email","email":"ada@acme.test","new_email":"augusta@acme.test"}`)
	p.event(200, `{"event":"add_member","email":"kim@acme.test","role":"member"}`)
	p.event(200, `{"event":"add_member","email":"kim@else.test"}`)
	p.event(200, `{"event":"resend_invite","email":"kim@else.test"}`)
	p.event(200, `{"event":"expire_invite","email":"kim@else.test"}`)
	p.event(200, `{"event":"create_team","team":"Ops","members":["kim@acme.test"]}`)
	p.event(200, `{"event":"rename_team","team":"Ops","new_name":"Operations"}`)
	p.event(200, `{"event":"add_team_member","team":"operations","email":"sue@acme.test"}`)
	p.event(200, `{"event":"remove_team_member","team":"Operations","email":"kim@acme.test"}`)
	p.event(409, `{"event":"create_team","team":"operations"}`)
	p.event(200, `{"event":"delete_team","team":"Engineering"}`)
	p.event(200, `{"event":"set_seats","seats":4,"automatic":false}`)
	p.event(403, `{"event":"add_member","email":"lee@acme.test"}`)
	p.event(200, `{"event":"set_verified_domains","domains":["else.test"]}`)
	p.event(200, `{"event":"end_sessions","email":"ben@acme.test"}`)
	p.event(200, `{"event":"start_session","email":"ben@acme.test"}`)
	p.event(200, `{"event":"set_plan","plan":"pro"}`)
	p.event(200, `{"event":"revoke_token","token":"`+reader+`"}`)
	p.event(200, `{"event":"revoke_tokens"}`)
	p.event(404, `{"event":"suspend","email":"who@acme.test"}`)
	p.event(404, `{"event":"explode"}`)
	p.event(400, `{"event":"suspend","mail":"ben@acme.test"}`)
	p.event(404, `{"event":"decline_invite","email":"ben@acme.test"}`)
	if m := p.member("augusta@acme.test"); m.GivenName != "Augusta" || m.Role != attiotest.RoleAdmin || m.Status != attiotest.Active {
		t.Errorf("ada became %+v", m)
	}
	p.inTeam("Operations", sue)
	if box := p.Outbox(); box[0].N != 1 || box[len(box)-1].N != len(box) || box[0].At.IsZero() {
		t.Errorf("the outbox is not numbered: %+v", box)
	}
	if got := p.mails("kim@else.test"); got != "invite invite" {
		t.Errorf("mails: %s", got)
	}
	if r := p.as(writer, "GET", "/scim/v2/Users", ""); r.status != 401 {
		t.Errorf("revoked and answered with %d", r.status)
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	p := serve(t, site())
	for _, err := range []error{
		p.Suspend("x@acme.test"), p.AcceptInvite(ben), p.RenameTeam("x", "y"), p.RevokeToken("x"), p.CreateTeam("x", "y@acme.test"),
		p.AddTeamMember("Engineering", "x@acme.test"), p.Do(attiotest.Event{Event: "x"}),
	} {
		if _, ok := errors.AsType[*attiotest.UnknownError](err); !ok {
			t.Errorf("got %v", err)
		}
	}
	if err := p.SetRole(ben, "owner"); err == nil {
		t.Error("an unknown role was set")
	}
}

func TestOverviewAndItsJSON(t *testing.T) {
	p := serve(t, site())
	p.do(201, "POST", "/scim/v2/Users", newUser("new@acme.test", ""))
	b := p.browser().open("/sandbox")
	b.shows(200, "Acme", ben, "Engineering", "You were added to Acme", "POST /scim/v2/Users", "1 active admins")
	b.submit("/sandbox/do", url.Values{"event": {"suspend"}, "email": {ben}}).shows(200, "Done: suspend")
	b.submit("/sandbox/do", url.Values{"event": {"suspend"}, "email": {ada}}).shows(400, "last admin")
	for name, want := range map[string]int{"members": 5, "teams": 1, "outbox": 2, "requests": 1, "sessions": 2} {
		b.open("/sandbox/" + name + ".json")
		var list []map[string]any
		if err := json.Unmarshal([]byte(b.page.text), &list); err != nil || len(list) != want {
			t.Errorf("%s: %d of %d, %v", name, len(list), want, err)
		}
	}
	if strings.Contains(b.open("/sandbox/requests.json").page.text, writer) {
		t.Error("the log shows a token")
	}
}

func TestLogAndObserver(t *testing.T) {
	var seen []attiotest.Snapshot
	p := serve(t, site(), attiotest.WithObserver(func(s attiotest.Snapshot) { seen = append(seen, s) }))
	p.do(200, "GET", "/scim/v2/Users?count=1", "")
	p.do(204, "DELETE", p.userPath(ben), "")
	log := p.Requests()
	if len(log) != 2 || log[0].Query != "count=1" || log[0].Write || !log[1].Write || log[1].Status != 204 || log[1].N != 2 {
		t.Errorf("log: %+v", log)
	}
	if len(p.Writes()) != 1 {
		t.Errorf("writes: %+v", p.Writes())
	}
	if len(seen) != 2 || seen[1].Request.Method != "DELETE" {
		t.Fatalf("observed %d", len(seen))
	}
	before, _ := seen[0].Member(ben)
	after, _ := seen[1].Member(ben)
	if before.Status != attiotest.Active || after.Status != attiotest.Suspended {
		t.Errorf("observed %s, then %s", before.Status, after.Status)
	}
	p.ResetLog()
	if len(p.Requests()) != 0 {
		t.Error("the log was not forgotten")
	}
	s := p.Snapshot()
	s.Members[0].Role, s.Teams[0].Members[0] = "x", "x"
	if p.member(ada).Role != attiotest.RoleAdmin || p.team("Engineering").Members[0] != ada {
		t.Error("a snapshot is no deep copy")
	}
}

func TestLatencyAndPeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, err := attiotest.New(site(), attiotest.WithLatency(50*time.Millisecond), attiotest.WithRateLimits(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { record(srv, "GET", "/scim/v2/Users") })
		}
		for range 2 {
			wg.Go(func() { record(srv, "PATCH", "/scim/v2/Groups/x") })
		}
		wg.Wait()
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("took %s", took)
		}
		if all, writes := srv.Peak(); all != 6 || writes != 2 {
			t.Errorf("peak %d, of them writes %d", all, writes)
		}
		if n := srv.OverlappingTeamWrites(); n != 1 {
			t.Errorf("%d writes to one team overlapped", n)
		}
	})
}
