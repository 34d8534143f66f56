package okta

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// recording is one recorded exchange with a real Okta org.
type recording struct {
	Request  struct{ Method, Path, Query string }
	Response struct {
		Status  int
		Headers map[string][]string
		Body    json.RawMessage
	}
}

// serve gives the recorded answer. Links lead to the recording's own host, as
// they do behind a proxy; Content-Length and the like were those of a
// compressed answer.
func (rec recording) serve(w http.ResponseWriter) {
	for name, values := range rec.Response.Headers {
		switch http.CanonicalHeaderKey(name) {
		case "Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection":
			continue
		}
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	w.WriteHeader(rec.Response.Status)
	_, _ = w.Write(rec.Response.Body)
}

// withUsers puts the Okta user into the entries of a recorded list of app users,
// as expand=user does, where it was recorded without.
func (rec recording) withUsers() recording {
	var entries []map[string]any
	if !strings.HasSuffix(rec.Request.Path, "/users") || !strings.HasPrefix(rec.Request.Path, "/api/v1/apps/") || json.Unmarshal(rec.Response.Body, &entries) != nil {
		return rec
	}
	for _, e := range entries {
		if e["_embedded"] == nil {
			e["_embedded"] = map[string]any{"user": map[string]any{"id": e["id"], "status": "ACTIVE", "profile": map[string]any{}}}
		}
	}
	rec.Response.Body, _ = json.Marshal(entries)
	return rec
}

// recordings are the recorded GETs below a folder, by their file.
func recordings(t *testing.T, folder string) map[string]recording {
	t.Helper()
	all := map[string]recording{}
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".json" {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var rec recording
		if err := json.Unmarshal(raw, &rec); err != nil {
			return err
		}
		if rec.Request.Method == http.MethodGet {
			short, err := filepath.Rel(folder, name)
			if err != nil {
				return err
			}
			all[filepath.ToSlash(short)] = rec
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var recordedPath = regexp.MustCompile(`^/api/v1/(apps|groups)/([A-Za-z0-9_]+)(?:/(users|groups|group-push/mappings|features)(?:/([A-Za-z0-9]+))?)?$`)

// TestRecordedAnswers reads recorded answers of real Okta orgs through the
// source, one at a time: everything around the answer is made up, the answer
// itself is served as it was recorded. OKTA_RECORDED names the folder; each
// file holds {"request": {method, path, query}, "response": {status, headers,
// body}}.
func TestRecordedAnswers(t *testing.T) {
	folder := os.Getenv("OKTA_RECORDED")
	if folder == "" {
		t.Skip("OKTA_RECORDED names no folder of recorded answers")
	}
	read := 0
	for name, rec := range recordings(t, folder) {
		t.Run(name, func(t *testing.T) {
			if !readRecording(t, rec) {
				t.Skip("the source never asks for this")
			}
			read++
		})
	}
	if read == 0 {
		t.Error("none of the recorded answers is one that the source asks for")
	}
	t.Logf("%d recorded answers were read", read)
}

// TestRecordedEvents reads recorded entries of the System Log: each of the folder
// log, which holds {"event": one or a list of them}.
func TestRecordedEvents(t *testing.T) {
	folder := os.Getenv("OKTA_RECORDED")
	if folder == "" {
		t.Skip("OKTA_RECORDED names no folder of recorded answers")
	}
	files, err := filepath.Glob(filepath.Join(folder, "log", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rec struct{ Event json.RawMessage }
		if err := json.Unmarshal(raw, &rec); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		body, n := string(rec.Event), strings.Count(string(rec.Event), `"eventType"`)
		if !strings.HasPrefix(body, "[") {
			body = "[" + body + "]"
		}
		s := logOf(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", `<https://acme.okta.com/api/v1/logs?after=1>; rel="next"`)
			serveJSON(body)(w, r)
		})
		got := events(t, s)
		if len(got.List) != n {
			t.Errorf("%s: %d events of %d", filepath.Base(file), len(got.List), n)
		}
		for _, e := range got.List {
			t.Logf("%s: by %s, app %v, other %v, people %v, groups %v", e.Type, e.By, e.App, e.OtherApp, e.People, e.Groups)
		}
	}
}

// readRecording reads one answer by the call that asks for it; false when the
// source never asks for such a thing.
func readRecording(t *testing.T, rec recording) bool {
	t.Helper()
	app := testApp
	parts := recordedPath.FindStringSubmatch(rec.Request.Path)
	if parts != nil && parts[1] == "apps" && isID(parts[2]) {
		app = parts[2]
	}
	schema := "/api/v1/meta/schemas/apps/"
	if id, ok := strings.CutPrefix(rec.Request.Path, schema); ok {
		app = path.Dir(id)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == rec.Request.Path && r.URL.Query().Get("after") == "":
			rec.withUsers().serve(w)
		case r.URL.Path == "/api/v1/apps/"+app:
			serveJSON(`{"id":"`+app+`","label":"Attio","status":"ACTIVE"}`)(w, r)
		case r.URL.Path == schema+app+"/default":
			serveJSON(`{"definitions":{"base":{"properties":{}},"custom":{"properties":{}}}}`)(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/v1/groups/") && strings.Count(r.URL.Path, "/") == 4:
			serveJSON(`{"id":"`+path.Base(r.URL.Path)+`","type":"OKTA_GROUP","profile":{"name":"Name of `+path.Base(r.URL.Path)+`"}}`)(w, r)
		case r.URL.Path == "/api/v1/groups" && r.URL.Query().Get("filter") != "":
			oktaError(w, 400, "E0000031", "Invalid search criteria.")
		default:
			serveJSON(`[]`)(w, r)
		}
	}))
	defer web.Close()
	s, err := New(t.Context(), Options{OrgURL: web.URL, AppID: app, APIToken: fixedToken(testToken), RoleAttribute: "roles", Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	var body []struct {
		ID     string `json:"id"`
		Source string `json:"sourceGroupId"`
	}
	list := json.Unmarshal(rec.Response.Body, &body) == nil
	switch {
	case strings.HasPrefix(rec.Request.Path, schema):
		dir, err := s.Directory(t.Context(), idp.Query{})
		if err != nil || dir.RoleAttribute != idp.No {
			t.Errorf("%v, %v", dir.RoleAttribute, err)
		}
	case rec.Request.Path == "/api/v1/groups" && list:
		groups, err := s.tryGroups(t.Context(), "q", "")
		if err != nil || len(groups) != len(body) {
			t.Errorf("%d groups of %d, %v", len(groups), len(body), err)
		}
	case parts == nil:
		return false
	case parts[1] == "groups" && parts[3] == "":
		g, err := s.Group(t.Context(), parts[2])
		if err != nil || g.Exists != (rec.Response.Status == 200) || !g.Exists && g.Proof.Says != "E0000007" {
			t.Errorf("%+v, %v", g, err)
		}
	case parts[1] == "groups" && parts[3] == "users":
		read, err := s.listMembers(t.Context(), idp.GroupRef{ID: parts[2], Name: "G"}, idset.NewDictionary())
		if err != nil || read.ids.Len() != len(body) {
			t.Errorf("%v of %d, %v", read.ids.IDs(), len(body), err)
		}
	case parts[1] == "apps" && parts[3] == "":
		dir, err := s.Directory(t.Context(), idp.Query{})
		if err != nil || dir.Origin.AppLabel == "" {
			t.Errorf("%+v, %v", dir.Origin, err)
		}
	case parts[3] == "users" && parts[4] != "":
		p, err := s.Person(t.Context(), parts[4])
		if err != nil || !p.Listed || p.Access != idp.Granted || p.Person.Email == "" || p.Person.GivenName == "" {
			t.Errorf("%+v, %v", p, err)
		}
	case parts[3] == "users":
		dir, err := s.Directory(t.Context(), idp.Query{})
		if err != nil || len(dir.People) != len(body) {
			t.Errorf("%d people of %d, %v", len(dir.People), len(body), err)
		}
		for _, p := range dir.People {
			if p.Access != idp.Granted || p.Email == "" || p.FamilyName == "" || !p.Direct && p.Via.ID == "" {
				t.Errorf("%+v", p)
			}
		}
	case parts[3] == "groups" && parts[4] == "":
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.AssignedGroups})
		if err != nil || len(dir.Groups) != len(body) || len(dir.Groups) > 0 && dir.Groups[0].Name == "" {
			t.Errorf("%v of %d, %v", dir.Groups, len(body), err)
		}
	case parts[3] == "group-push/mappings":
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.PushMappings})
		if err != nil || len(dir.Groups) != len(body) {
			t.Errorf("%v of %d, %v", dir.Groups, len(body), err)
		}
	case rec.Response.Status >= 400:
		var none any
		_, err := s.get(t.Context(), rec.Request.Path, &none)
		if err = s.fail(t.Context(), task{op: "read"}, err); idp.KindOf(err) == 0 || !strings.Contains(err.Error(), "E00000") {
			t.Errorf("%v", err)
		}
	default:
		return false
	}
	return true
}
