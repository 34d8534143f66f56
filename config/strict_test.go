package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each bad file gives exactly these lines, all of them at once.
func TestBadFiles(t *testing.T) {
	cases := []struct{ name, file, want string }{
		{"unknown keys, near and far", `
okta:
  org_urll: https://acme.okta.com
  token: x
  role-attribute: roles
  frobnicate: 1
atio: {}
org_url: x
attio:
  teams: []
  source: none
okta.app_id: x
`, `
scim-sync.yaml:3:3: okta.org_urll: unknown key; did you mean org_url?
scim-sync.yaml:4:3: okta.token: unknown key; did you mean api_token?
scim-sync.yaml:5:3: okta.role-attribute: unknown key; did you mean role_attribute?
scim-sync.yaml:6:3: okta.frobnicate: unknown key; known here: org_url, app_id, api_token, api_token_file, role_attribute, email_attribute, suspended_users, rate_share, service_app
scim-sync.yaml:7:1: atio: unknown key; did you mean attio?
scim-sync.yaml:8:1: org_url: unknown key; did you mean okta.org_url?
scim-sync.yaml:10:3: attio.teams: unknown key; known here: workspace, api_url, scim_url, token, token_file, verified_domains, reads_per_second, writes_per_second, oauth
scim-sync.yaml:11:3: attio.source: unknown key; did you mean teams.source?
scim-sync.yaml:12:1: okta.app_id: unknown key; write app_id below okta`},

		{"wrong types", `
okta:
  app_id: [a]
  role_attribute: 7
  rate_share: 75
  service_app: yes
  suspended_users: {a: b}
attio:
  reads_per_second: many
  writes_per_second: 2.5
  verified_domains: acme.com
protect:
  removals: 1.5
  removals_window: 24
  removals_ceiling: -1
  confirm_absence: yes
teams: [a]
state:
  url: {a: b}
`, `
scim-sync.yaml:3:11: okta.app_id: is a list; it must be text
scim-sync.yaml:4:19: okta.role_attribute: is a number; it must be text: put it in quotes
scim-sync.yaml:5:15: okta.rate_share: "75" must be a percentage from 1% to 100%, with its sign
scim-sync.yaml:6:16: okta.service_app: is text; it must be a section with keys below it
scim-sync.yaml:7:20: okta.suspended_users: is a section with keys; it must be one of suspend, keep
scim-sync.yaml:9:21: attio.reads_per_second: "many" must be a whole number from 1 to 1000
scim-sync.yaml:10:22: attio.writes_per_second: "2.5" must be a whole number from 1 to 1000
scim-sync.yaml:11:21: attio.verified_domains: is text; it must be a list, as [acme.com]
scim-sync.yaml:13:13: protect.removals: "1.5" must be a percentage from 0% to 100%, or a whole number
scim-sync.yaml:14:20: protect.removals_window: "24" must be a time with its unit, as 24h, 90m or 7d, from 0s to 720h
scim-sync.yaml:15:21: protect.removals_ceiling: "-1" must be a whole number from 0 to 1000000
scim-sync.yaml:16:20: protect.confirm_absence: "yes" must be true or false
scim-sync.yaml:17:8: teams: is a list; it must be a section with keys below it
scim-sync.yaml:19:8: state.url: is a section with keys; it must be text`},

		{"wrong values", `
okta:
  app_id: 0oa/../1
  role_attribute: user.roles
  suspended_users: suspnd
  rate_share: 0%
roles: {when_absent: adopted}
teams: {source: all}
protect:
  members: [ada@acme.com, "Ada <ada@acme.com>", acme.com]
  removals: 101%
  removals_window: 1000h
attio:
  workspace: https://app.attio.com/acme
  verified_domains: ["*.acme.com", "@acme.com", acme, https://acme.com]
`, `
scim-sync.yaml:3:11: okta.app_id: "0oa/../1" must be the id of an Okta app: the part of its address in the admin console that starts with 0oa
scim-sync.yaml:4:19: okta.role_attribute: "user.roles" must be the variable name of one attribute, as roles, without anything before it
scim-sync.yaml:5:20: okta.suspended_users: "suspnd" is not one of suspend, keep; did you mean suspend?
scim-sync.yaml:6:15: okta.rate_share: "0%" must be a percentage from 1% to 100%, with its sign
scim-sync.yaml:7:22: roles.when_absent: "adopted" is not one of keep_adopted, member, keep; did you mean keep_adopted?
scim-sync.yaml:8:17: teams.source: "all" is not one of assigned_groups, push_mappings, listed, none
scim-sync.yaml:10:27: protect.members[1]: "Ada <ada@acme.com>" must be an email address, as ada@acme.com
scim-sync.yaml:10:49: protect.members[2]: "acme.com" must be an email address, as ada@acme.com
scim-sync.yaml:11:13: protect.removals: "101%" must be a percentage from 0% to 100%, or a whole number
scim-sync.yaml:12:20: protect.removals_window: "1000h" must be a time with its unit, as 24h, 90m or 7d, from 0s to 720h
scim-sync.yaml:14:14: attio.workspace: "https://app.attio.com/acme" must be the slug or id of a workspace alone, as acme in https://app.attio.com/acme
scim-sync.yaml:15:22: attio.verified_domains[0]: "*.acme.com" must be a domain, as acme.com
scim-sync.yaml:15:36: attio.verified_domains[1]: "@acme.com" must be a domain, as acme.com
scim-sync.yaml:15:49: attio.verified_domains[2]: "acme" must be a domain, as acme.com
scim-sync.yaml:15:55: attio.verified_domains[3]: "https://acme.com" must be a domain, as acme.com`},

		{"items of teams.groups", `
teams:
  groups:
    - Engineering
    - {team: Eng}
    - {group: A, name: B}
    - {group: A}
    - {group: "${NOWHERE}"}
    - {group: [a]}
  include: ["", ~, "${NOWHERE}"]
`, `
scim-sync.yaml:4:7: teams.groups[0]: is text; it must be as {group: Engineering, team: Eng}
scim-sync.yaml:5:7: teams.groups[1].group is missing
scim-sync.yaml:6:18: teams.groups[2].name: unknown key; known here: group, team
scim-sync.yaml:7:7: teams.groups[3].group: this group is already in [2]
scim-sync.yaml:8:15: teams.groups[4].group: "${NOWHERE}": a variable in it is not set
scim-sync.yaml:9:15: teams.groups[5].group: is a list; it must be text
scim-sync.yaml:10:13: teams.include[0]: is empty; remove it from the list
scim-sync.yaml:10:17: teams.include[1]: is empty; remove it from the list
scim-sync.yaml:10:20: teams.include[2]: "${NOWHERE}": a variable in it is not set`},

		{"a key given twice", "okta:\n  app_id: a\n  app_id: b\nokta: {}\n", `
scim-sync.yaml:3:3: okta.app_id: is given twice; the first is in line 2
scim-sync.yaml:4:1: okta: is given twice; the first is in line 1`},
		{"two documents", "okta: {}\n---\nattio: {}\n", `
scim-sync.yaml:2:1: a second document starts here; settings are one document`},
		{"tabs", "okta:\n\torg_url: x\n  \tapp_id: y\n", `
scim-sync.yaml:2:1: a tab in the indentation; YAML takes spaces only
scim-sync.yaml:3:3: a tab in the indentation; YAML takes spaces only`},
		{"no YAML", "okta: [a\nattio: {}\n", `
scim-sync.yaml:2: is not YAML: did not find expected ',' or ']'`},
		{"no key", "okta:\n  app_id: a\n api_token: b\n", `
scim-sync.yaml:3: is not YAML: did not find expected key`},
		{"no end of quotes", "okta:\n  app_id: 'a\nattio: {}\n", `
scim-sync.yaml:2: is not YAML: found unexpected end of stream`},
		{"a variable without quotes in a list", "teams:\n  include: [${A}, b]\n", `
scim-sync.yaml:2: is not YAML: did not find expected ',' or ']'; inside [ ] and { } a ${VARIABLE} must be in quotes`},
		{"a list instead of sections", "- okta\n", `
scim-sync.yaml:1:1: is a list; it must be the sections okta, attio and so on`},
		{"merge keys", "okta: &o {app_id: a}\nattio:\n  <<: *o\n", `
scim-sync.yaml:3:3: attio.<<: merge keys are not taken; write the settings out`},
		{"half a variable", "okta:\n  app_id: ${A\nstate: {url: '${}'}\nteams: {include: ['${A:-b}']}\n", `
scim-sync.yaml:2:11: okta.app_id: ${ must be followed by the name of an environment variable and }; write $${ for the characters themselves
scim-sync.yaml:3:14: state.url: ${ must be followed by the name of an environment variable and }; write $${ for the characters themselves
scim-sync.yaml:4:19: teams.include[0]: ${ must be followed by the name of an environment variable and }; write $${ for the characters themselves`},
		{"two ways to sign in", "okta:\n  api_token: t\n  service_app: {client_id: c}\n", `
scim-sync.yaml:2:14: okta.api_token: is given together with okta.service_app (scim-sync.yaml:3); keep one of them`},
		{"both forms of a secret", "attio:\n  token: t\n  token_file: f\n", `
scim-sync.yaml:3:15: attio.token_file: is given together with attio.token (scim-sync.yaml:2); keep one of them`},
		{"listed without a list", "teams: {source: listed}\n", `
scim-sync.yaml:1:17: teams.source: is listed, but teams.groups lists no group; list them, or write none`},
		{"names that would spoil a terminal", "\"okta\\e[31m\\nx\": 1\nteams: {source: \"a\\nb\\u202e\"}\n", `
scim-sync.yaml:1:1: "okta\x1b[31m\nx": unknown key; known here: notify, heartbeat_url, heartbeat_url_file, metrics_file, okta, attio, roles, teams, protect, state, journal, idp, workspaces
scim-sync.yaml:2:17: teams.source: "a\nb\u202e" is not one of assigned_groups, push_mappings, listed, none`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(sources(c.file, nil))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if d := cmp.Diff(strings.TrimPrefix(c.want, "\n"), e.Error()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	const ok = ""
	cases := []struct{ key, value, normal, wrong string }{
		{"okta.org_url", "https://Acme.OKTA.com/", "https://acme.okta.com", ok},
		{"okta.org_url", "http://[::1]:80", "http://[::1]:80", ok},
		{"okta.org_url", "http://127.3.2.1:1", "http://127.3.2.1:1", ok},
		{"okta.org_url", "http://acme.okta.com", "", "plain http is taken for loopback addresses only"},
		{"okta.org_url", "http://localhost.evil.example", "", "plain http"},
		{"okta.org_url", "acme.okta.com", "", "must be a web address"},
		{"okta.org_url", "ftp://acme.okta.com", "", "must start with https://"},
		{"okta.org_url", "https://acme.okta.com/app", "", "scheme and host alone"},
		{"okta.org_url", "https://acme-admin.okta.com", "", "admin console"},
		{"okta.org_url", "https://acme-admin.oktapreview.com", "", "admin console"},
		{"okta.org_url", "https://acme.okta.com.com", "", "slip"},
		{"okta.org_url", "https://u:p@acme.okta.com", "", "no user, query or fragment"},
		{"okta.org_url", "https://acme.okta.com?x=1", "", "no user, query or fragment"},
		{"okta.org_url", "https://acme.okta.com:", "", "port"},
		{"okta.org_url", "https://acme.okta.com:99999", "", "port"},
		{"attio.api_url", "https://Proxy.example/attio/", "https://proxy.example/attio", ok},
		{"attio.scim_url", "http://attio.example/scim", "", "plain http"},
		{"attio.oauth.authorize_url", "https://app.attio.com", "", "lacks the path"},
		{"attio.oauth.redirect_url", "http://localhost:8910/callback", "http://localhost:8910/callback", ok},
		{"attio.oauth.redirect_url", "http://localhost/callback", "", "must have a port and a path"},
		{"attio.oauth.redirect_url", "http://127.0.0.1:8910", "", "must have a port and a path"},
		{"attio.oauth.redirect_url", "http://sync.example:1/cb", "", "plain http"},
		{"attio.oauth.redirect_url", "https://sync.example", "https://sync.example", ok},
		{"journal.keep", "60d", "60d", ok},
		{"journal.keep", "1440h", "60d", ok},
		{"journal.keep", "1d12h30m", "1d12h30m", ok},
		{"journal.keep", "d", "", "must be a time with its unit, as 24h, 90m or 7d, from 1d to 36500d"},
		{"journal.keep", "12h", "", "from 1d to 36500d"},
		{"journal.keep", "1d-2h", "", "from 1d"},
		{"journal.keep", "99999999999999999d", "", "from 1d"},
		{"protect.removals_window", "2d", "48h", ok},
		{"protect.removals_window", "31d", "", "from 0s to 720h"},
		{"state.url", "file:///var/lib/state.json", "file:///var/lib/state.json", ok},
		{"state.url", "file://state.json", "", "three slashes"},
		{"state.url", "file:state.json", "", "three slashes"},
		{"state.url", "postgres://u@h/db", "postgres://u@h/db", ok},
		{"state.url", "s3://bucket", "", "bucket and a prefix"},
		{"state.url", "s3://me:hunter22@bucket/prefix", "", "must hold no key"},
		{"state.url", "mysql://h/db", "", "must start with file:, postgres: or s3:"},
		{"state.url", "postgres://u@h/", "", "must name a server and a database"},
		{"state.url", "postgres:///?dbname=db&host=/run", "postgres:///?dbname=db&host=/run", ok},
		{"state.url", "/var/lib/state.json", "", "must be an address"},
	}
	for _, c := range cases {
		t.Run(c.key+" "+c.value, func(t *testing.T) {
			s, err := Load(Sources{Open: memory(nil), Env: map[string]string{variableOf(c.key): c.value}})
			if c.wrong != ok {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.HasPrefix(err.Error(), variableOf(c.key)+": "+c.key+": ") {
					t.Fatalf("error %v, want one about %q", err, c.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys() {
				if k.path == c.key && k.shown(s) != c.normal {
					t.Errorf("became %v, want %s", k.shown(s), c.normal)
				}
			}
		})
	}
}

// Aliases are taken; a file that multiplies itself with them is not.
func TestAliases(t *testing.T) {
	s := mustLoad(t, sources("teams:\n  include: &l [a, b]\n  exclude: *l\n", nil))
	if d := cmp.Diff([]string{"a", "b"}, s.Policy.Teams.Exclude); d != "" {
		t.Error(d)
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		prev := "*" + string(c-1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat(prev+",", 10), ",") + "]\n"
	}
	if _, err := Load(sources(bomb, nil)); err == nil || !strings.Contains(err.Error(), "too large or too deep") {
		t.Errorf("error %v", err)
	}
}
