package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scim-sync/sync"
)

// sample gives, for every key of the table, a value that is not the default.
func sample(k key) string {
	if k.takesList() {
		if k.path == "teams.groups" {
			return "[{group: Sales, team: 'S, all'}, {group: 00g1}]"
		}
		if k.path == "notify" {
			return "[{url: 'https://x.example/y', format: slack, on: [failed, stale]}]"
		}
		for _, text := range []string{"[x.example]", "[x@y.example]"} {
			n, _ := k.fromText(text)
			if _, faults := k.decode(n); len(faults) == 0 {
				return text
			}
		}
	}
	schema := k.schema()
	if words, ok := schema["enum"].([]string); ok {
		return words[len(words)-1]
	}
	for _, text := range []string{"3", "33%", "2h", "48h", "false", "https://x.example/y", "https://x.example", "s3://b/k", "x1", "-----BEGIN K-----END K"} {
		n, _ := k.fromText(text)
		if _, faults := k.decode(n); len(faults) == 0 {
			return text
		}
	}
	return ""
}

// Every key of the table can be set by its variable, and a flag goes before
// it; a variable goes before the file.
func TestEveryKeyByVariableAndFlag(t *testing.T) {
	for _, k := range keys() {
		t.Run(k.path, func(t *testing.T) {
			value := sample(k)
			n, _ := k.fromText(value)
			store, faults := k.decode(n)
			if value == "" || len(faults) > 0 {
				t.Fatalf("no sample value: %v", faults)
			}
			var want Settings
			store(&want)
			if k.fileOf != "" {
				return // TestSecretFiles
			}
			files := memory(map[string]string{"/site/scim-sync.yaml": full})
			env := map[string]string{k.variable(): value}
			for name, src := range map[string]Sources{
				"environment": {Env: env},
				"flag":        {Overrides: []Override{{Key: k.path, Value: value, Flag: "--x"}}, Env: map[string]string{k.variable(): sampleOther(k)}},
			} {
				src.WorkDir, src.Open = "/site", files
				if strings.HasPrefix(k.path, "okta.api_token") {
					src.Open = memory(nil) // the file has a service app
				}
				s := mustLoad(t, src)
				if d := cmp.Diff(k.shown(&want), k.shown(s)); d != "" {
					t.Errorf("%s: %s", name, d)
				}
				if got := s.Origin(k.path); string(got.From) != name {
					t.Errorf("%s: origin %+v", name, got)
				}
			}
		})
	}
}

// sampleOther is another valid value, so that a flag has something to beat.
func sampleOther(k key) string {
	if k.def != "" {
		return k.def
	}
	return sample(k)
}

func TestEmptyVariableIsNotSet(t *testing.T) {
	s := mustLoad(t, sources("attio: {workspace: acme}", map[string]string{"SCIM_SYNC_ATTIO_WORKSPACE": ""}))
	if s.Attio.Workspace != "acme" || len(s.Warnings()) > 0 {
		t.Errorf("workspace %q, warnings %v", s.Attio.Workspace, s.Warnings())
	}
}

// Viper lower-cases keys and splits them at dots; nothing of that may reach a
// value.
func TestValuesKeepTheirForm(t *testing.T) {
	s := mustLoad(t, sources("teams: {groups: [{group: A.B, team: Eng.Ops}], include: [Foo.BAR]}", nil))
	if d := cmp.Diff([]sync.TeamMapping{{Group: "A.B", Team: "Eng.Ops"}}, s.Policy.Teams.Groups); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Foo.BAR"}, s.Policy.Teams.Include); d != "" {
		t.Error(d)
	}
}

func TestVariablesInTheFile(t *testing.T) {
	env := map[string]string{"HOST": "acme.okta.com", "N": "7", "YES": "true", "SHARE": "40", "ID": "0oa1", "EMPTY": ""}
	s := mustLoad(t, sources(`
okta:
  org_url: "https://${HOST}"
  app_id: ${ID}
  rate_share: ${SHARE}%
  service_app: {dpop: "${YES}"}
attio: {workspace: "${EMPTY}", reads_per_second: "${N}"}
teams: {strip_prefix: '$${HOST} ${N}$', include: ["${HOST}", $x]}
protect: {mode: "${MODE}"}
`, env))
	got := []any{s.Okta.OrgURL, s.Okta.AppID, s.Okta.RateShare, s.Okta.ServiceApp.DPoP, s.Attio.ReadsPerSecond, s.Policy.Teams.StripPrefix, s.Policy.Teams.Include, s.Policy.Protect.NoRemovals}
	want := []any{"https://acme.okta.com", "0oa1", Percent(40), true, 7, "${HOST} 7$", []string{"acme.okta.com", "$x"}, false}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := s.Absent("attio.workspace"); got != "the file says ${EMPTY}, which is empty" {
		t.Errorf("absent: %q", got)
	}
	// A default that takes the place of a setting is worth a word.
	const warning = "scim-sync.yaml:9:17: protect.mode: the file says ${MODE}, which is not set; the key counts as absent"
	if w := s.Warnings(); len(w) != 1 || w[0].String() != warning {
		t.Errorf("warnings %v", w)
	}
}

func TestUnknownVariablesAreWarnedOf(t *testing.T) {
	s := mustLoad(t, Sources{Open: memory(nil), Controls: []string{"SCIM_SYNC_TRACE"}, Env: map[string]string{
		"SCIM_SYNC_OKTA_ORGURL": "https://acme.okta.com", "SCIM_SYNC_OKTA_API_TOKN": "hush", "SCIM_SYNC_ZZZZZZ": "1", "SCIM_SYNC_TRACE": "1", "OTHER": "x",
	}})
	want := []string{
		"SCIM_SYNC_OKTA_API_TOKN: no setting has this variable; did you mean SCIM_SYNC_OKTA_API_TOKEN?",
		"SCIM_SYNC_OKTA_ORGURL: no setting has this variable; did you mean SCIM_SYNC_OKTA_ORG_URL?",
		"SCIM_SYNC_ZZZZZZ: no setting has this variable",
	}
	var got []string
	for _, w := range s.Warnings() {
		got = append(got, w.String())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBadVariablesAndFlags(t *testing.T) {
	src := sources("okta: {app_id: '/'}", map[string]string{
		"SCIM_SYNC_TEAMS_INCLUDE": "[a", "SCIM_SYNC_TEAMS_EXCLUDE": "a, b", "SCIM_SYNC_PROTECT_REMOVALS": "lots",
	})
	src.Overrides = []Override{{Key: "attio.workspace", Value: "a b", Flag: "--workspace"}, {Key: "no.such", Flag: "--odd"}}
	_, err := Load(src)
	const want = `SCIM_SYNC_TEAMS_INCLUDE: teams.include: is not a YAML list, as [one, two]
SCIM_SYNC_TEAMS_EXCLUDE: teams.exclude: is text; it must be a list, as ["* contractors"]
SCIM_SYNC_PROTECT_REMOVALS: protect.removals: "lots" must be a percentage from 0% to 100%, or a whole number
--workspace: attio.workspace: "a b" must be the slug or id of a workspace alone, as acme in https://app.attio.com/acme
--odd: no.such: there is no such setting
scim-sync.yaml:1:16: okta.app_id: "/" must be the id of an Okta app: the part of its address in the admin console that starts with 0oa`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
