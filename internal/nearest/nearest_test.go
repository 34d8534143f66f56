package nearest

import "testing"

func TestName(t *testing.T) {
	known := []string{"users", "groups", "assigned_groups", "push_mappings"}
	for given, want := range map[string]string{
		"userz": "users", "suers": "users", "Users": "users", "push-mapings": "push_mappings", "mappings": "push_mappings", "x": "", "": "", "teams": "",
	} {
		if got := Name(given, known); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	if got := Suggestion("teams", known[:2]); got != "; known here: users, groups" {
		t.Error(got)
	}
}
