package planner

import (
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/idp"
)

func accessWords(a Access) string {
	words := []string{a.Email, string(a.Status), string(a.Role), string(a.Management), a.Access, a.Assigned, a.RoleFrom}
	if a.Via != nil {
		words = append(words, "via "+a.Via.Name)
	}
	if a.Protected {
		words = append(words, "protected")
	}
	if len(a.AdminGroups) > 0 {
		words = append(words, "admin group "+strings.Join(a.AdminGroups, ","))
	}
	if len(a.Teams) > 0 {
		words = append(words, "in "+strings.Join(a.Teams, ","))
	}
	if !a.Since.IsZero() {
		words = append(words, "since "+a.Since.Format("2006-01-02"))
	}
	return strings.Join(words, "|")
}

// TestAccessListsEverybodyWithAPlace: managed or not, and nobody twice.
func TestAccessListsEverybodyWithAPlace(t *testing.T) {
	s := newScene()
	direct := func(t *trio) { t.okta.Direct = true }
	s.tied("via", "via@acme.com", func(t *trio) { t.okta.Via, t.state.ManagedSince = idp.GroupRef{ID: "g1"}, daysAgo(3) })
	s.tied("invited", "invited@acme.com", invited(1), direct)
	s.tied("gone", "gone@acme.com", suspended, direct, access(idp.Revoked, "DEPROVISIONED"))
	s.tied("let", "let@acme.com", direct, func(t *trio) { t.state.Released = true })
	s.unadopted("new", "new@acme.com", direct)
	s.stranger("eve", "eve@else.example")
	s.left("left", "left@acme.com")
	s.group("g1", "Sales", "via", "left")
	s.group("g2", "Bosses", "boss")
	s.team("t1", "Zeta", "a-via", "a-eve")
	s.team("t2", "alpha", "a-via")
	s.in.Policy.Roles.AdminGroups = []string{"Bosses"}
	s.in.Policy.Protect.Members = []string{"eve@else.example"}
	s.in.Workspace.Unread = []attio.Unread{{List: attio.ListUsers, ID: "a-odd", Reason: "has no address"}, {List: attio.ListGroups, ID: "t-odd"}}
	d, err := Plan(s.in)
	if err != nil {
		t.Fatal(err)
	}
	all, err := AccessOf(d)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for a := range all {
		got = append(got, accessWords(a))
	}
	alike(t, "access", []string{
		"|unreadable||unmanaged|none||",
		"boss@acme.com|active|admin|managed|granted|group|attribute|admin group Bosses|since 2025-11-22",
		"eve@else.example|active|member|unmanaged|none|||protected|in Zeta",
		"gone@acme.com|suspended||managed|revoked|direct||since 2025-11-22",
		"invited@acme.com|invited|member|managed|granted|direct|absence|since 2025-11-22",
		"left@acme.com|active|member|managed|none|||since 2025-11-22",
		"let@acme.com|active|member|released|granted|direct||since 2025-11-22",
		"new@acme.com|active|member|pending|granted|direct|absence",
		"via@acme.com|active|member|managed|granted|group|absence|via Sales|in alpha,Zeta|since 2026-02-27",
	}, got)
}
