package state

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStateOfTheFirstProgramIsRead: testdata/format-1 was written by the first
// program: two parts of a journal, a snapshot, and a run that was cut off.
func TestStateOfTheFirstProgramIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "format-1"))); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, filepath.Join(dir, "ws-1.json"))
	m, u, info := read(t, s)
	if len(m.People) != 4 || m.Teams["g1"].TeamID != "t1" || len(m.Removals) != 2 || len(m.PlansApplied) != 1 || m.AppID != "0oa1" {
		t.Errorf("managed: %+v", m)
	}
	if len(u) != 1 || u[0].Intent.Proof.RequestID != "okta-req" || !info.Exists || info.Serial != 3 || info.Seq != 24 || info.LastRun.Info.RunID != "cut-off" {
		t.Errorf("unfinished %+v, info %+v", u, info)
	}
	if v := verified(t, s); v.First != 1 || v.Last != 24 || v.Parts != 2 {
		t.Errorf("journal: %+v", v)
	}
	for _, name := range []string{"ws-1.json", "ws-1.previous/000000000001.json", ""} {
		if name != "" {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "ws-1.json"), raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		} else if err := os.Remove(filepath.Join(dir, "ws-1.json")); err != nil {
			t.Fatal(err)
		}
		again, _, _ := read(t, s)
		same(t, "from "+name, m, again)
	}
	r := begin(t, s, "now")
	write(t, r, provision(7), provisioned(7))
	finish(t, r, 0)
	verified(t, s)
	if m, _, _ := read(t, s); len(m.People) != 5 {
		t.Errorf("after a run of today: %d people", len(m.People))
	}
}
