package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scim-sync/attio"
	"scim-sync/internal/sample"
	core "scim-sync/sync"
)

// anySnapshot draws snapshots whose every text is anything.
func anySnapshot() *rapid.Generator[snapshot] {
	return rapid.Custom(func(t *rapid.T) snapshot {
		s := func(label string) string {
			return rapid.OneOf(rapid.SampledFrom([]string{"", "plain", "attribute", "invite", `"\`, "<&>", `\u0041\/`, "\n", "é", "\xff", "\u2028"}), rapid.String()).Draw(t, label)
		}
		at := func(label string) time.Time {
			return rapid.SampledFrom([]time.Time{{}, day0, day0.Add(time.Nanosecond), day0.In(time.FixedZone("", 5400))}).Draw(t, label)
		}
		yes := func(label string) bool { return rapid.Bool().Draw(t, label) }
		g := newReplay()
		g.managed.WorkspaceID, g.managed.FirstSync = s("workspace"), yes("first sync")
		for i := range rapid.IntRange(0, 4).Draw(t, "people") {
			p := core.ManagedPerson{OktaID: fmt.Sprint(s("id"), i), AttioID: s("attio"), Kind: core.Kind(s("kind")), Email: s("email"),
				Applied:  core.Applied{Role: attio.Role(s("role")), Profile: attio.Profile{GivenName: s("given"), FamilyName: s("family")}, Active: yes("active")},
				RoleSeen: yes("seen"), RoleFrom: s("from"), Adopted: yes("adopted"), ManagedSince: at("since"), InvitedAt: at("invited"), Released: yes("released")}
			if yes("not taken") {
				p.NotTaken, p.NotMade, p.Readdressed = &core.NotTaken{Email: s("other")}, 2, at("readdressed")
			}
			g.managed.People[p.OktaID] = p
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "teams") {
			e := core.ManagedTeam{GroupID: fmt.Sprint(s("group"), i), TeamID: s("team"), Created: yes("created"), Unlinked: yes("unlinked"),
				Applied: core.AppliedTeam{Name: s("name"), Members: core.MemberSet(s("members")), KeepName: yes("keep")}}
			g.managed.Teams[e.GroupID] = e
		}
		if yes("removals") {
			g.managed.Removals = []core.Removal{{At: day0, Email: s("removed")}}
			g.managed.Invites = map[string][]time.Time{s("mailed"): {day0}}
		}
		return snapshotOf(g, 7)
	})
}

// TestSnapshotsAreWrittenAsTheyWere: one row a line, in the order of their ids,
// each as encoding/json has it.
func TestSnapshotsAreWrittenAsTheyWere(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		s := anySnapshot().Draw(t, "snapshot")
		got, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		text := func(v any) string {
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		slices.SortFunc(s.People, func(a, b core.ManagedPerson) int { return strings.Compare(a.OktaID, b.OktaID) })
		slices.SortFunc(s.Teams, func(a, b core.ManagedTeam) int { return strings.Compare(a.GroupID, b.GroupID) })
		want := strings.TrimSuffix(text(s.header), "}") + ",\n\"people\":["
		for i, p := range s.People {
			want += strings.Repeat(",", min(i, 1)) + "\n" + text(p)
		}
		want += strings.Repeat("\n", min(len(s.People), 1)) + "],\n\"teams\":["
		for i, e := range s.Teams {
			want += strings.Repeat(",", min(i, 1)) + "\n" + text(e)
		}
		want += strings.Repeat("\n", min(len(s.Teams), 1)) + "],\n" + strings.TrimPrefix(text(s.footer), "{") + "\n"
		if string(got) != want {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
	})
}

// TestSnapshotsAreReadAsEncodingJSONReadsThem, whole or damaged at any place,
// laid out as this program does it or in another way.
func TestSnapshotsAreReadAsEncodingJSONReadsThem(t *testing.T) {
	sample.Check(t, func(t *rapid.T) {
		s := anySnapshot().Draw(t, "snapshot")
		raw, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		switch rapid.SampledFrom([]string{"as it is", "compact", "indented", "spliced"}).Draw(t, "text") {
		case "compact":
			var b bytes.Buffer
			err = json.Compact(&b, raw)
			raw = b.Bytes()
		case "indented":
			var b bytes.Buffer
			err = json.Indent(&b, raw, "", " ")
			raw = b.Bytes()
		case "spliced":
			from := rapid.IntRange(0, len(raw)).Draw(t, "from")
			to := rapid.IntRange(from, min(from+3, len(raw))).Draw(t, "to")
			more := rapid.SampledFrom([]string{"", ",", "null", "{", "]", `"`, "\\", " ", "x", "\x01", "\xff", `\u0041`, `\u00e9`, `\u+041`, `\/`, `\x`, `\`, "0", `"people":[],`, `"Teams":[{}],`, `"okta_id":"z",`, "true"}).Draw(t, "more")
			raw = slices.Concat(raw[:from], []byte(more), raw[to:])
		}
		if err != nil {
			t.Fatal(err)
		}
		var want snapshot
		wrong := json.Unmarshal(raw, &want)
		got, err := readSnapshot(raw)
		if (err == nil) != (wrong == nil) || err != nil && err.Error() != wrong.Error() {
			t.Fatalf("%v, want %v, of\n%s", err, wrong, raw)
		}
		if err == nil && fmt.Sprintf("%+v", shownIn(t, got)) != fmt.Sprintf("%+v", shownIn(t, want)) {
			t.Fatalf("%+v\nwant\n%+v\nof\n%s", got, want, raw)
		}
	})
}

// shownIn is a snapshot as text, with what its pointers point to.
func shownIn(t interface{ Fatal(...any) }, s snapshot) string {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestUsualRowsAreReadFast: what this program writes of an ordinary company does
// not take the slow way.
func TestUsualRowsAreReadFast(t *testing.T) {
	g := newReplay()
	p := person(1)
	p.Applied.Profile, p.RoleSeen, p.RoleFrom, p.Adopted, p.InvitedAt = attio.Profile{GivenName: `Zoë "Z" <\>`, FamilyName: "Žižek"}, true, "attribute", true, day0
	g.managed.People[p.OktaID] = p
	g.managed.Teams["g"] = core.ManagedTeam{GroupID: "g", TeamID: "t", Created: true, Applied: core.AppliedTeam{Name: "Eng", Members: core.NewMemberSet([]string{"a"})}}
	raw, err := snapshotOf(g, 1).encode()
	if err != nil {
		t.Fatal(err)
	}
	var s snapshot
	if _, ok := readRows(raw, &s.People, &s.Teams); !ok || len(s.People) != 1 || len(s.Teams) != 1 {
		t.Fatalf("%v: %+v", ok, s)
	}
	_, rows, _ := strings.Cut(string(raw), "[")
	if c := (&cursor{raw: []byte(rows)}); !readPerson(c, &s.People[0]) {
		t.Errorf("slow from %s", c.raw[c.at:])
	}
	_, rows, _ = strings.Cut(rows, "[")
	if c := (&cursor{raw: []byte(rows)}); !readTeam(c, &s.Teams[0]) {
		t.Errorf("slow from %s", c.raw[c.at:])
	}
	same(t, "person", p, s.People[0])
}
