package state

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	core "scim-sync/sync"
)

const secret = "tok_0123456789abcdef"

func noSecret(text string) string { return strings.ReplaceAll(text, secret, "[redacted]") }

// TestNoSecretGetsIntoTheJournal: whatever a service echoes, a person types as
// a reason, or an error quotes, the files of the state do not hold it.
func TestNoSecretGetsIntoTheJournal(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Location{Path: filepath.Join(dir, "ws-1.json"), Options: Options{Scrub: noSecret}})
	if err != nil {
		t.Fatal(err)
	}
	info := runInfo("run-1")
	info.Operator, info.CIJob, info.Reason = "ann "+secret, "JOB="+secret, "because "+secret
	r := beginAt(t, s, info)
	bind(t, r)
	i := suspend(1)
	i.Step.Reason = "she has " + secret
	i.Proof.RequestID, i.Proof.Says, i.Proof.Request = secret, secret, "GET /"+secret
	given := *i.Proof
	write(t, r, i, core.Outcome{Status: 200, RequestID: secret})
	same(t, "what the caller holds", given, *i.Proof)
	// An error of any length is scrubbed as a whole.
	write(t, r, provision(2), core.Outcome{Status: 400, Error: strings.Repeat("x", 395) + secret + strings.Repeat("y", 5000)})
	step := provision(3).Step
	step.Reason = secret
	if err := r.Learn(t.Context(), &step, core.Change{FirstBegun: true}); err != nil {
		t.Fatal(err)
	}
	if err := r.Override(t.Context(), Override{Flag: "--allow-removals", N: 1, Reason: secret}); err != nil {
		t.Fatal(err)
	}
	if locked, err := os.ReadFile(filepath.Join(dir, "ws-1.lock")); err != nil || strings.Contains(string(locked), secret) {
		t.Errorf("the lock says %s, %v", locked, err)
	}
	if err := r.Finish(t.Context(), Summary{ExitCode: 1, Error: "failed: " + secret}); err != nil {
		t.Fatal(err)
	}
	told := 0
	for name, content := range tree(t, dir) {
		if strings.Contains(content, secret) {
			t.Errorf("%s holds the secret", name)
		}
		told += strings.Count(content, "[redacted]")
	}
	if told < 10 {
		t.Errorf("only %d places were scrubbed", told)
	}
	verified(t, s)
}

// TestEveryTextOfOthersIsScrubbed: a text that is added to a line is scrubbed,
// or is one of those that the state is made of.
func TestEveryTextOfOthersIsScrubbed(t *testing.T) {
	var l Line
	fillWith(reflect.ValueOf(&l).Elem(), secret, 8)
	l.Rotated = nil // made of lines that were scrubbed
	scrubber(noSecret).line(&l)
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	holding(tree, "", left)
	allowed := []string{"okta_id", "attio_id", "email", "group_id", "team_id", "groups", "group_names", "name", "given_name", "family_name", "role", "role_seen", "role_from", "members", "not_taken", "kept", "detour",
		"status", "kind", "action", "cause", "code", "id", "forget_person", "forget_teams", "workspace_id", "org_url", "app_id", // what the state is made of
		"seq", "run", "prev", "hash", "run_id", "plan_id", "tool_version", "settings_digest", "aside", "note", "refusals", "counts", "requests"} // our own
	for path := range left {
		if field := path[strings.LastIndex(path, ".")+1:]; !slices.Contains(allowed, field) {
			t.Errorf("%s is not scrubbed", path)
		}
	}
	for _, path := range []string{".outcome.error", ".outcome.request_id", ".intent.proof.request_id", ".intent.step.reason", ".summary.error", ".override.reason", ".info.reason"} {
		if left[path] {
			t.Errorf("%s is not scrubbed", path)
		}
	}
}

// fillWith puts the text into every string there is, so many levels deep: some
// types hold themselves.
func fillWith(v reflect.Value, text string, deep int) {
	if deep == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillWith(v.Elem(), text, deep-1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillWith(v.Field(i), text, deep-1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fillWith(v.Index(0), text, deep-1)
		}
	default:
	}
}

// holding notes the paths of a JSON tree that hold the secret.
func holding(v any, path string, left map[string]bool) {
	switch v := v.(type) {
	case string:
		if strings.Contains(v, secret) {
			left[path] = true
		}
	case []any:
		for _, e := range v {
			holding(e, path, left)
		}
	case map[string]any:
		for k, e := range v {
			holding(e, path+"."+k, left)
		}
	}
}
