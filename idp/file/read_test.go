package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp"
	"scim-sync/idp/file"
	"scim-sync/internal/idset"
)

const byHand = `{
"format": "scim-sync-directory",
"format_version": 1,
"at": "2026-01-31T06:00:00Z",
"origin": {"org_url": "https://hr.acme.example", "app_id": "attio"},
"people": [
{"id": "1", "email": "ada@acme.example", "given_name": "Ada", "roles": ["admin"], "access": "granted"},
{"id": "2", "email": "bo@acme.example", "access": "suspended", "via": {"id": "g1", "name": "Sales"}}
],
"unassigned": ["3"],
"groups": [
{"id": "g1", "name": "Sales", "members": ["1", "2", "3"]},
{"id": "g2", "name": "Admins", "team": false, "members": ["1"]},
{"id": "g3", "name": "Twins", "members": []},
{"id": "g4", "name": "Twins", "members": []}
],
"complete": {"people": 2, "groups": 4, "memberships": 4}
}
`

func folder() map[string]string {
	return map[string]string{
		"people.csv":      "\ufeffid,email,given_name,roles,access\r\n1,ada@acme.example,Ada,admin; boss,granted\r\n2,bo@acme.example,,,suspended\r\n",
		"groups.csv":      "id,name,team\ng1,Sales,\n" + `g2,"Admins, all",no` + "\n",
		"memberships.csv": "group_id,person_id\ng1,1\ng1,2\ng2,1\n",
		"complete.csv":    "key,value\norg_url,https://hr.acme.example\napp_id,attio\napp_label,HR\nat,2026-01-31T06:00:00Z\npeople,2\ngroups,2\nmemberships,3\n",
	}
}

// write puts files into a folder called dir.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func open(t *testing.T, path string) *file.Source {
	t.Helper()
	s, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What may be left out by hand is filled in: proofs of the file's own, and the
// source's name.
func TestDirectoryMadeByHand(t *testing.T) {
	s := open(t, filepath.Join(write(t, map[string]string{"hr.json": byHand}), "hr.json"))
	at := time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)
	want := idp.Directory{
		Origin:        idp.Origin{Name: "the directory file", OrgURL: "https://hr.acme.example", AppID: "attio"},
		RoleAttribute: idp.Yes,
		People: []idp.Person{
			{ID: "1", Email: "ada@acme.example", EmailFrom: idp.EmailAttribute, GivenName: "Ada", Roles: []string{"admin"}, HasRole: true, Access: idp.Granted, AppStatus: "granted", Direct: true,
				Proof: &idp.Proof{Request: "hr.json", Status: 200, Says: "granted", At: at}},
			{ID: "2", Email: "bo@acme.example", EmailFrom: idp.EmailAttribute, Access: idp.Suspended, AppStatus: "suspended", Via: idp.GroupRef{ID: "g1", Name: "Sales"},
				Proof: &idp.Proof{Request: "hr.json", Status: 200, Says: "suspended", At: at}},
		},
		Groups: []idp.Group{{GroupRef: idp.GroupRef{ID: "g1", Name: "Sales"}, Team: true, Members: idset.Of("1", "2", "3")}},
	}
	got, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, Wanted: func(g idp.GroupRef) bool { return g.Name == "Sales" }})
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if s.Saved() {
		t.Error("a directory made by hand is what decides, not a copy of it")
	}
	if st, err := s.Group(t.Context(), "g9"); err != nil || st.Exists || st.Proof != (idp.Proof{Request: "hr.json", Status: 200, Says: "not in the file", At: at}) {
		t.Errorf("%+v, %v", st, err)
	}
	if st, err := s.Group(t.Context(), "g3"); err != nil || !st.Exists || st.Group.Name != "Twins" {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestFolderOfCSVFiles(t *testing.T) {
	s := open(t, write(t, folder()))
	at := time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)
	want := idp.Directory{
		Origin:        idp.Origin{Name: "the directory file", OrgURL: "https://hr.acme.example", AppID: "attio", AppLabel: "HR"},
		RoleAttribute: idp.Yes,
		People: []idp.Person{
			{ID: "1", Email: "ada@acme.example", EmailFrom: idp.EmailAttribute, GivenName: "Ada", Roles: []string{"admin", "boss"}, HasRole: true, Access: idp.Granted, AppStatus: "granted", Direct: true,
				Proof: &idp.Proof{Request: "dir", Status: 200, Says: "granted", At: at}},
			{ID: "2", Email: "bo@acme.example", EmailFrom: idp.EmailAttribute, Access: idp.Suspended, AppStatus: "suspended", Direct: true,
				Proof: &idp.Proof{Request: "dir", Status: 200, Says: "suspended", At: at}},
		},
		Groups: []idp.Group{
			{GroupRef: idp.GroupRef{ID: "g1", Name: "Sales"}, Team: true, Members: idset.Of("1", "2")},
			{GroupRef: idp.GroupRef{ID: "g2", Name: "Admins, all"}, Members: idset.Of("1")},
		},
	}
	got, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups, AdminGroups: []string{"Admins, all"}})
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	bare := folder()
	bare["people.csv"] = "access,email,id\ngranted,ada@acme.example,1\ngranted,bo@acme.example,2\n"
	if got, err := open(t, write(t, bare)).Directory(t.Context(), idp.Query{}); err != nil || got.RoleAttribute != idp.No || len(got.Groups) != 0 {
		t.Errorf("without a column of roles: %v, groups %v, %v", got.RoleAttribute, got.Groups, err)
	}
}

func TestWhichGroupsAFileGives(t *testing.T) {
	s := open(t, filepath.Join(write(t, map[string]string{"hr.json": byHand}), "hr.json"))
	ids := func(q idp.Query) (teams, others string, notes int, err error) {
		dir, err := s.Directory(t.Context(), q)
		for _, g := range dir.Groups {
			if g.Team {
				teams += g.ID + " "
			} else {
				others += g.ID + " "
			}
		}
		return teams, others, len(dir.Notes), err
	}
	for _, c := range []struct {
		name          string
		query         idp.Query
		teams, others string
		notes         int
	}{
		{"those of the team source", idp.Query{Teams: idp.PushMappings}, "g1 g3 g4 ", "", 0},
		{"no teams", idp.Query{Teams: idp.NoTeams, AdminGroups: []string{"g2"}}, "", "g2 ", 0},
		{"listed by name and id", idp.Query{Teams: idp.ListedGroups, Listed: []string{" Admins ", "g1", "Nobody"}}, "g1 g2 ", "", 1},
		{"a team of admins", idp.Query{Teams: idp.AssignedGroups, AdminGroups: []string{"Sales"}, Wanted: func(g idp.GroupRef) bool { return g.ID == "g3" }}, "g3 ", "g1 ", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			teams, others, notes, err := ids(c.query)
			if teams != c.teams || others != c.others || notes != c.notes || err != nil {
				t.Errorf("teams %q, others %q, %d notes, %v", teams, others, notes, err)
			}
		})
	}
	for _, q := range []idp.Query{{AdminGroups: []string{"Nobody"}}, {AdminGroups: []string{"Twins"}}, {Teams: idp.ListedGroups, Listed: []string{"Twins"}}} {
		if _, err := s.Directory(t.Context(), q); idp.KindOf(err) != idp.Setting {
			t.Errorf("%+v: %v", q, err)
		}
	}
	refs, notes, err := s.TeamGroups(context.Background(), idp.Query{Teams: idp.ListedGroups, Listed: []string{"Sales", "Nobody"}})
	if len(refs) != 1 || refs[0].ID != "g1" || len(notes) != 1 || err != nil {
		t.Errorf("%v %v %v", refs, notes, err)
	}
}

// Whatever is wrong with a document is told with its line, and is no absence.
func TestWrongDocuments(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		kind           idp.ErrorKind
		want           string
	}{
		{"another format", "scim-sync-directory", "scim-sync-plan", idp.Setting, `(hr.json): it is no directory of scim-sync: "format" must be "scim-sync-directory"`},
		{"a newer version", `_version": 1`, `_version": 2`, idp.Setting, "(hr.json): it has the format version 2; this scim-sync reads 1"},
		{"no version", `"format_version": 1,`, "", idp.Setting, "it has the format version 0"},
		{"no time", "2026-01-31T06:00:00Z", "yesterday", idp.Untrusted, `at is "yesterday"; it must say when this was so`},
		{"no org", "https://hr.acme.example", "", idp.Untrusted, "org_url is missing"},
		{"no app", `"app_id": "attio"`, `"app_id": ""`, idp.Untrusted, "app_id is missing"},
		{"not JSON", `"access": "granted"}`, `"access": granted}`, idp.Untrusted, "(hr.json:7): it is no JSON: invalid character 'g'"},
		{"two documents", "\"memberships\": 4}\n}", "\"memberships\": 4}\n}\n{}", idp.Untrusted, "(hr.json:19): it is no JSON: invalid character '{' after top-level value"},
		{"no UTF-8", "Ada", "\xff", idp.Untrusted, "it is no UTF-8 text"},
		{"an unknown key", `"unassigned"`, `"unasigned"`, idp.Untrusted, `(hr.json:10): the key "unasigned" is not known`},
		{"an unknown key of a person", `"given_name"`, `"first_name"`, idp.Untrusted, `(hr.json:7): the key "first_name" is not known`},
		{"a key twice", `"unassigned": ["3"]`, `"people": []`, idp.Untrusted, `(hr.json:10): the key "people" is there twice`},
		{"a wrong type", `"Ada"`, `7`, idp.Untrusted, "(hr.json:7): given_name is a number, which it cannot be"},
		{"no list", `"unassigned": ["3"]`, `"unassigned": {}`, idp.Untrusted, "(hr.json:10): a list must be here"},
		{"nobody", `"unassigned": ["3"]`, `"unassigned": [""]`, idp.Untrusted, "(hr.json:10): there is no id"},
		{"an id of two words", `"id": "2"`, `"id": "2 3"`, idp.Untrusted, `(hr.json:8): "2 3" is no id`},
		{"nothing for a person", `{"id": "2", "email": "bo@acme.example", "access": "suspended", "via": {"id": "g1", "name": "Sales"}}`, "null", idp.Untrusted, "(hr.json:8): there is no id"},
		{"a person twice", `"id": "2"`, `"id": "1"`, idp.Untrusted, "(hr.json:8): the person 1 is there twice"},
		{"an unknown access", `"suspended"`, `"paused"`, idp.Untrusted, `(hr.json:8): the access "paused" is not one of granted, waiting, suspended, revoked`},
		{"no access", `, "access": "suspended"`, ``, idp.Untrusted, `(hr.json:8): the access "" is not one of`},
		{"a group twice", `"id": "g3"`, `"id": "g2"`, idp.Untrusted, "(hr.json:14): the group g2 is there twice"},
		{"a group without a name", `"name": "Admins"`, `"name": " "`, idp.Untrusted, "(hr.json:13): the group g2 has no name"},
		{"an unknown member", `["1", "2", "3"]`, `["1", "2", "4"]`, idp.Untrusted, `(hr.json:12): the group g1: the member "4" is nobody that the file knows`},
		{"a member twice", `["1", "2", "3"]`, `["1", "2", "1"]`, idp.Untrusted, "(hr.json:12): the group g1: the member 1 is there twice"},
		{"one person too few", `"people": 2`, `"people": 3`, idp.Untrusted, "(hr.json): is not whole: it holds 2 people where it says 3"},
		{"a member too few", `["1", "2", "3"]`, `["1", "2"]`, idp.Untrusted, "is not whole: it holds 3 memberships where it says 4"},
		{"no people at all", `"people": [
{"id": "1", "email": "ada@acme.example", "given_name": "Ada", "roles": ["admin"], "access": "granted"},
{"id": "2", "email": "bo@acme.example", "access": "suspended", "via": {"id": "g1", "name": "Sales"}}
],
`, "", idp.Untrusted, `(hr.json:1): "people" is missing`},
		{"no end", `,
"complete": {"people": 2, "groups": 4, "memberships": 4}`, "", idp.Untrusted, `"complete" is missing`},
		{"something after the end", `"memberships": 4}`, `"memberships": 4}, "notes": []`, idp.Untrusted, `(hr.json:17): "notes" comes after "complete", which must be the last`},
		{"an odd role attribute", `"people": [`, `"role_attribute": "perhaps", "people": [`, idp.Untrusted, `role_attribute is "perhaps"; it must be yes, no or unknown`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(byHand, c.old, c.new, 1)
			if text == byHand {
				t.Fatal("nothing was changed")
			}
			refuses(t, filepath.Join(write(t, map[string]string{"hr.json": text}), "hr.json"), c.kind, c.want)
		})
	}
}

func refuses(t *testing.T, path string, kind idp.ErrorKind, want string) {
	t.Helper()
	_, err := file.Open(path)
	if idp.KindOf(err) != kind || !strings.Contains(err.Error(), want) {
		t.Errorf("kind %d, %v; want %d, %s", idp.KindOf(err), err, kind, want)
	}
	if e := new(idp.Error); errors.As(err, &e) && e.Hint == "" {
		t.Errorf("%v: nothing says what to do", err)
	}
}

func TestWrongFolders(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"no people", "people.csv", "", "", "people.csv): it cannot be read: no such file"},
		{"no end", "complete.csv", "", "", "complete.csv): it cannot be read: no such file"},
		{"an empty file", "groups.csv", "*", "", "(dir/groups.csv:1): it is empty; its first line must name the columns id, name"},
		{"a row cut off", "memberships.csv", "g2,1\n", "g2,", "(dir/memberships.csv:4): the last line has no end: the file was cut short"},
		{"a row too few", "memberships.csv", "g2,1\n", "", "(dir): is not whole: it holds 2 memberships where it says 3"},
		{"a person too few", "people.csv", "2,bo@acme.example,,,suspended\r\n", "", `(dir/memberships.csv:3): the member "2" is nobody that the file knows`},
		{"no UTF-8", "people.csv", "Ada", "\xff", "(dir/people.csv): it is no UTF-8 text"},
		{"an unknown column", "people.csv", "given_name", "first_name", `(dir/people.csv:1): the column "first_name" is not known; known are id, email, access, user_name, given_name, family_name, roles`},
		{"a column twice", "people.csv", "given_name", "email", `(dir/people.csv:1): the column "email" is there twice`},
		{"a missing column", "people.csv", ",access", ",user_name", `(dir/people.csv:1): the column "access" is missing`},
		{"a cell too many", "people.csv", "admin; boss", "admin,boss", "(dir/people.csv:2): wrong number of fields"},
		{"an open quote", "groups.csv", `all"`, "all", `(dir/groups.csv:3): extraneous or missing " in quoted-field`},
		{"an unknown access", "people.csv", "suspended", "on leave", `(dir/people.csv:3): the access "on leave" is not one of granted, waiting, suspended, revoked`},
		{"a person twice", "people.csv", "2,bo", "1,bo", "(dir/people.csv:3): the person 1 is there twice"},
		{"a group twice", "groups.csv", "g2", "g1", "(dir/groups.csv:3): the group g1 is there twice"},
		{"an odd team", "groups.csv", ",no", ",perhaps", `(dir/groups.csv:3): team is "perhaps"; it must be yes or no`},
		{"an unknown group", "memberships.csv", "g2", "g3", `(dir/memberships.csv:4): the group "g3" is not in groups.csv`},
		{"a member twice", "memberships.csv", "g1,2", "g1,1", "(dir/memberships.csv:3): the member 1 is there twice"},
		{"no count", "complete.csv", "groups,2\n", "", "(dir/complete.csv): it does not say how many groups there are"},
		{"an odd count", "complete.csv", "groups,2", "groups,two", `(dir/complete.csv:7): groups is "two"; it must be a number`},
		{"a key twice", "complete.csv", "groups,2", "people,2", "(dir/complete.csv:7): people is there twice"},
		{"an unknown key", "complete.csv", "app_label", "label", `(dir/complete.csv:4): the key "label" is not known`},
		{"no time", "complete.csv", "2026-01-31T06:00:00Z", "31.1.2026", `(dir/complete.csv): at is "31.1.2026"; it must say when`},
		{"no org", "complete.csv", "org_url,https://hr.acme.example\n", "", "(dir/complete.csv): org_url is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files, kind := folder(), idp.Untrusted
			switch text := strings.Replace(files[c.file], c.old, c.new, 1); {
			case c.old == "":
				delete(files, c.file)
				kind = idp.Setting
			case c.old == "*":
				files[c.file] = c.new
			case text == files[c.file]:
				t.Fatal("nothing was changed")
			default:
				files[c.file] = text
			}
			refuses(t, write(t, files), kind, c.want)
		})
	}
	refuses(t, filepath.Join(t.TempDir(), "none"), idp.Setting, "it cannot be read: no such file")
}

// A file of CSV that is cut anywhere is an error, or it is whole without what
// was cut: never somebody less.
func TestCutFolders(t *testing.T) {
	want, err := open(t, write(t, folder())).Directory(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range folder() {
		for n := range len(text) {
			files := folder()
			files[name] = text[:n]
			s, err := file.Open(write(t, files))
			if err != nil {
				continue
			}
			if got, err := s.Directory(t.Context(), all); err != nil || !cmp.Equal(want, got) {
				t.Fatalf("%s cut after %d bytes: %v %s", name, n, err, cmp.Diff(want, got))
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(byHand))
	f.Add([]byte(`{"format":"scim-sync-directory","format_version":1,"people":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := file.Open(path)
		if err != nil {
			if idp.KindOf(err) == 0 {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		// What is taken can be saved and is the same again.
		r := file.Record(s)
		first, err := r.Directory(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Save(path, time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		again, err := open(t, path).Directory(t.Context(), all)
		if d := cmp.Diff(first, again); d != "" || err != nil {
			t.Fatalf("%v %s", err, d)
		}
	})
}

// The example in the documentation is a directory.
func TestExampleOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/directory-file.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("there is no example")
	}
	s := open(t, filepath.Join(write(t, map[string]string{"hr.json": example}), "hr.json"))
	if got := s.String(); got != "hr.json: people 2, groups 1, as of 2026-01-31T06:00:00Z" {
		t.Error(got)
	}
}
