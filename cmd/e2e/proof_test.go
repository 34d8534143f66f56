package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
)

// doubtful is a company whose services leave things out.
const doubtful = `
okta:
  app: {label: Attio}
  users:
    - {login: ada@acme.example, first_name: Ada, last_name: Arden}
    - {login: bo@acme.example, first_name: Bo, last_name: Berg}
    - {login: cy@acme.example, first_name: Cy, last_name: Cole}
    - {login: gus@else.example, first_name: Gus, last_name: Guest}
    - {login: hal@else.example, first_name: Hal, last_name: Guest}
  groups:
    - {name: Everyone, type: BUILT_IN}
    - {name: Sales, members: [bo@acme.example, cy@acme.example]}
  assigned_groups:
    - {group: Sales, priority: 1, profile: {roles: [member]}}
  assignments:
    - {user: ada@acme.example, profile: {roles: [admin]}}
    - {user: gus@else.example, profile: {roles: [member]}}
    - {user: hal@else.example, profile: {roles: [member]}}
attio:
  workspace: {slug: acme, name: Acme, verified_domains: [acme.example]}
  members:
    - {email: ada@acme.example, given_name: Ada, family_name: Arden, role: admin}
    - {email: eve@acme.example, given_name: Eve, family_name: East, role: admin}
`

func status(s *stage, email string) attiotest.Status {
	m, _ := s.attio.Snapshot().Member(email)
	return m.Status
}

func done(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnInviteThatTheListLeavesOutIsThere: Attio's list leaves two pending invites
// out, of somebody who is still assigned and of somebody who is not: the one is not
// sent again, the other is withdrawn.
func TestAnInviteThatTheListLeavesOutIsThere(t *testing.T) {
	var short atomic.Bool
	left := map[string]bool{}
	s := newScene(t, []byte(doubtful)).play(t, attiotest.WithLeftOut(func(_ int, _ *http.Request, id string) bool { return short.Load() && left[id] }))
	s.run(0, "apply", "--yes", "--first-run")
	for _, email := range []string{"gus@else.example", "hal@else.example"} {
		m, _ := s.attio.Snapshot().Member(email)
		if m.Status != attiotest.Invited {
			t.Fatalf("%s is %s", email, m.Status)
		}
		left[m.ID] = true
	}
	mailed := len(s.attio.Outbox())
	short.Store(true)
	done(t, s.okta.Unassign("hal@else.example"))
	s.run(0, "apply", "--yes")
	if gus, hal := status(s, "gus@else.example"), status(s, "hal@else.example"); gus != attiotest.Invited || hal != "" {
		t.Errorf("the one who is assigned is %q, the one who is not %q", gus, hal)
	}
	if c := s.run(0, "apply", "--yes"); !strings.Contains(c.out.String(), "Nothing to do") || len(s.attio.Outbox()) != mailed {
		t.Errorf("%s; mails %v", &c.out, s.attio.Outbox())
	}
}

// TestWhatTheCredentialDoesNotSeeTakesNothingAway: while Everyone is hidden, which
// it saw before, a removal is held, and done once it is back; also where the cache
// was lost meanwhile, and where no groups are read.
func TestWhatTheCredentialDoesNotSeeTakesNothingAway(t *testing.T) {
	for name, tt := range map[string]struct{ loses, setting string }{
		"as it was":          {},
		"the cache is lost":  {loses: "state.cache.json"},
		"no groups are read": {loses: "state.cache.json", setting: "SCIM_SYNC_TEAMS_SOURCE=none"},
	} {
		t.Run(name, func(t *testing.T) {
			var hidden atomic.Bool
			sc := newScene(t, []byte(doubtful))
			sc.okta = []oktatest.Option{oktatest.WithHidden(func(name string) bool { return hidden.Load() && name == "Everyone" })}
			s := sc.play(t)
			if tt.setting != "" {
				s.env = append(s.env, tt.setting)
			}
			s.run(0, "apply", "--yes", "--first-run")
			hidden.Store(true)
			if tt.loses != "" {
				done(t, os.Remove(filepath.Join(s.dir, "state", tt.loses)))
			}
			done(t, s.okta.Unassign("gus@else.example"), s.okta.SetName("cy@acme.example", "Cyrus", "Cole"))
			c := s.run(3, "apply", "--yes")
			if !strings.Contains(c.out.String(), "sight-lost") || status(s, "gus@else.example") != attiotest.Invited {
				t.Errorf("%s; the invite is %q", &c.out, status(s, "gus@else.example"))
			}
			if m, _ := s.attio.Snapshot().Member("cy@acme.example"); m.GivenName != "Cyrus" {
				t.Errorf("what takes nothing away was not done: %+v", m)
			}
			hidden.Store(false)
			if s.run(0, "apply", "--yes"); status(s, "gus@else.example") != "" {
				t.Errorf("the invite is %q", status(s, "gus@else.example"))
			}
		})
	}
}

// TestAShortListOfAGroupTakesNobodyOut: one answer of Okta leaves somebody out of a
// group; the next has them, and nothing is done.
func TestAShortListOfAGroupTakesNobodyOut(t *testing.T) {
	var answers atomic.Int32
	bo := ""
	sc := newScene(t, []byte(doubtful))
	sc.okta = []oktatest.Option{oktatest.WithLeftOut(func(_ int, r *http.Request, id string) bool {
		return bo != "" && id == bo && strings.HasSuffix(r.URL.Path, "/users") && strings.Contains(r.URL.Path, "/groups/") && answers.Add(1) == 1
	})}
	s := sc.play(t)
	s.run(0, "apply", "--yes", "--first-run")
	id, err := s.okta.UserID("bo@acme.example")
	done(t, err)
	bo = id
	done(t, s.okta.AddMember("Sales", "ada@acme.example")) // so that the group is read anew
	before := s.writes()
	c := s.run(0, "apply", "--yes")
	if team, _ := s.attio.Snapshot().Team("Sales"); len(team.Members) != 3 || answers.Load() < 2 || s.writes() != before+1 {
		t.Errorf("in the team: %v, %d answers, %d writes: %s", team.Members, answers.Load(), s.writes()-before, &c.out)
	}
}

// TestAnAppThatIsSwitchedOffMeanwhileTakesNobodyOut: it was on when it was looked
// at, and its list is short by the time that is read.
func TestAnAppThatIsSwitchedOffMeanwhileTakesNobodyOut(t *testing.T) {
	var off atomic.Bool
	s := newScene(t, []byte(doubtful)).play(t)
	s.run(0, "apply", "--yes", "--first-run")
	s.meet(func(side string, w http.ResponseWriter, r *http.Request, serve func()) {
		if side == "okta" && strings.HasSuffix(r.URL.Path, "/apps/"+s.okta.AppID()+"/users") && off.CompareAndSwap(false, true) {
			_ = s.okta.SetAppStatus("INACTIVE")
		}
		serve()
	})
	before := s.writes()
	c := s.run(3, "apply", "--yes")
	if !off.Load() || !strings.Contains(c.errOut.String(), "app-inactive") || s.writes() != before {
		t.Errorf("%d writes: %s%s", s.writes()-before, &c.out, &c.errOut)
	}
}
