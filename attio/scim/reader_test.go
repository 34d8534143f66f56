package scim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/attio"
	"scim-sync/attio/scim"
	"scim-sync/internal/group"
	"scim-sync/internal/transport"
)

// TestReaderCannotWrite: a Reader has no method of attio.Writer and hands out
// nothing to write with.
func TestReaderCannotWrite(t *testing.T) {
	reader := reflect.TypeFor[*scim.Reader]()
	for method := range reflect.TypeFor[attio.Writer]().Methods() {
		if name := method.Name; hasMethod(reader, name) {
			t.Errorf("a Reader has the writer's method %s", name)
		}
	}
	for f := range reader.Elem().Fields() {
		if f.IsExported() {
			t.Errorf("a Reader hands out %s", f.Name)
		}
	}
}

func hasMethod(t reflect.Type, name string) bool { _, has := t.MethodByName(name); return has }

// TestIdentity: what /v2/self says, and the many ways in which a token is none.
func TestIdentity(t *testing.T) {
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		status int
		body   string
		want   attio.Identity
		kind   attio.ErrorKind
	}{
		"as documented": {200, `{"active":true,"scope":"user_management:read note:read","client_id":"c","token_type":"Bearer","exp":1893553445,"iat":1,
			"workspace_id":"w1","workspace_name":"Acme","workspace_slug":"acme","authorized_by_workspace_member_id":"r1"}`,
			attio.Identity{WorkspaceID: "w1", WorkspaceSlug: "acme", WorkspaceName: "Acme", ClientID: "c", AuthorizedBy: "r1",
				Scopes: []string{"user_management:read", "note:read"}, Expires: expires}, 0},
		"no end, scopes as a list": {200, `{"active":"True","scope":["a","b"],"exp":null,"workspace_id":"w1"}`,
			attio.Identity{WorkspaceID: "w1", Scopes: []string{"a", "b"}}, 0},
		"revoked":             {200, `{"active":false}`, attio.Identity{}, attio.NotSignedIn},
		"malformed":           {400, `{"status_code":400,"type":"invalid_request_error","code":"x","message":"Malformed"}`, attio.Identity{}, attio.NotSignedIn},
		"refused":             {401, `Unauthorized`, attio.Identity{}, attio.NotSignedIn},
		"no workspace":        {200, `{"active":true}`, attio.Identity{}, attio.Untrusted},
		"not saying active":   {200, `{"workspace_id":"w1"}`, attio.Identity{}, attio.Untrusted},
		"empty":               {200, ``, attio.Identity{}, attio.Untrusted},
		"null":                {200, `null`, attio.Identity{}, attio.Untrusted},
		"a list":              {200, `[]`, attio.Identity{}, attio.Untrusted},
		"exp that is nothing": {200, `{"active":true,"workspace_id":"w1","exp":"soon"}`, attio.Identity{}, attio.Untrusted},
		"unavailable":         {503, `<html>`, attio.Identity{}, attio.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("GET /v2/self", says(c.status, c.body))
			r, _ := o.client()
			got, err := r.Identity(t.Context())
			if attio.KindOf(err) != c.kind || (err == nil) != (c.kind == 0) {
				t.Fatalf("got %v, want kind %v", err, c.kind)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

// TestWorkspace: SCIM and REST put together by address, each person once as
// SCIM has them, and those whom only REST knows.
func TestWorkspace(t *testing.T) {
	o := newOdd(t)
	o.on("GET /scim/v2/Users", says(200, list(9,
		`{"id":"u1","userName":"Ada@Acme.com","name":{"givenName":"Ada","familyName":null},"active":true,"appRole":"ADMIN","extra":{}}`,
		`{"id":"u2","userName":"invited@other.org","name":null,"active":true,"appRole":"member"}`,
		`{"id":"u3","userName":"left@acme.com","active":false}`,
		`{"id":"u4","userName":"later@acme.com","active":"True","appRole":null}`,
		`{"ID":"u5","username":null,"emails":[{"value":"x@acme.com"},{"value":"bea@acme.com","primary":"true"}],"active":true,"roles":[{"value":"admin"},"member"]}`,
		`{"id":"u6","userName":"back@acme.com","active":false}`,
		`{"id":"u7","userName":"BACK@acme.com","active":true,"roles":[{"value":"member"}]}`,
		`{"id":"u8","userName":"odd@acme.com","active":true,"appRole":"owner"}`,
		`{"id":"u9","userName":"raced@acme.com","active":true}`)))
	o.on("GET /v2/workspace_members", says(200, `{"data":[`+strings.Join([]string{
		restPerson("r1", "ada@acme.com", "member"), restPerson("r3", "left@acme.com", "suspended"), restPerson("r4", "later@acme.com", "admin"),
		restPerson("r5", "bea@acme.com", "member"), restPerson("r6", "back@acme.com", "suspended"), restPerson("r8", "odd@acme.com", "wizard"),
		restPerson("r9", "raced@acme.com", "suspended"), restPerson("r10", "only@rest.com", "suspended"), restPerson("r10", "only@rest.com", "suspended"),
	}, ",")+`]}`))
	r, _ := o.client()
	w, err := r.Workspace(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []attio.Member{
		{ID: "u1", RestID: "r1", Email: "Ada@Acme.com", Profile: attio.Profile{GivenName: "Ada"}, Status: attio.Active, Role: attio.RoleAdmin},
		{ID: "u2", Email: "invited@other.org", Status: attio.Invited, Role: attio.RoleMember},
		{ID: "u3", RestID: "r3", Email: "left@acme.com", Status: attio.Suspended},
		{ID: "u4", RestID: "r4", Email: "later@acme.com", Status: attio.Active, Role: attio.RoleAdmin},
		{ID: "u5", RestID: "r5", Email: "bea@acme.com", Status: attio.Active, Role: attio.RoleAdmin},
		{ID: "u6", RestID: "r6", Email: "back@acme.com", Status: attio.Suspended},
		{ID: "u7", Email: "BACK@acme.com", Status: attio.Invited, Role: attio.RoleMember}, // invited again beside the old membership
		{ID: "u8", RestID: "r8", Email: "odd@acme.com", Status: attio.Active},
		{ID: "u9", RestID: "r9", Email: "raced@acme.com", Status: attio.Suspended},
		{RestID: "r10", Email: "only@rest.com", Status: attio.Suspended},
	}
	if diff := cmp.Diff(want, w.Members); diff != "" {
		t.Fatal(diff)
	}
	if w.OwnEmail != "ada@acme.com" {
		t.Fatalf("the token's own person is %q", w.OwnEmail)
	}
}

// TestWhoJoinedIsAskedOnceMoreWhereAnInviteIsListed: the list that was read beside
// SCIM's may be older than an invite's end; where none is listed, it is asked once.
func TestWhoJoinedIsAskedOnceMoreWhereAnInviteIsListed(t *testing.T) {
	ada, ben := restPerson("r1", "ada@acme.com", "admin"), restPerson("r2", "ben@other.org", "member")
	for name, c := range map[string]struct {
		answers []string // of who joined, in turn
		want    attio.Status
	}{
		"joined before":            {[]string{ada + "," + ben}, attio.Active},
		"joined between the lists": {[]string{ada, ada + "," + ben}, attio.Active},
		"invited":                  {[]string{ada, ada}, attio.Invited},
	} {
		o := newOdd(t)
		o.on("GET /scim/v2/Users", says(200, list(2, user("u1", "ada@acme.com", true), user("u2", "ben@other.org", true))))
		var n atomic.Int64
		o.on("GET /v2/workspace_members", func(w http.ResponseWriter, r *http.Request) {
			says(200, `{"data":[`+c.answers[min(int(n.Add(1)), len(c.answers))-1]+`]}`)(w, r)
		})
		r, _ := o.client()
		w, err := r.Workspace(t.Context(), nil)
		if err != nil || len(w.Members) != 2 || w.Members[1].Status != c.want || int(n.Load()) != len(c.answers) {
			t.Errorf("%s: %+v after %d requests, %v", name, w.Members, n.Load(), err)
		}
	}
}

// TestATokenIsIdentifiedOnce: a workspace that is read while the token is being
// identified, or a moment later, asks no second time.
func TestATokenIsIdentifiedOnce(t *testing.T) {
	o := newOdd(t)
	lists := make(chan struct{})
	var n atomic.Int64
	o.on("GET /v2/self", func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		<-lists // the workspace is being read by now
		says(200, `{"active":true,"workspace_id":"w1","workspace_slug":"acme","scope":"user_management:read"}`)(w, r)
	})
	o.on("GET /scim/v2/Groups", func(w http.ResponseWriter, r *http.Request) {
		close(lists)
		says(200, list(0))(w, r)
	})
	r, _ := o.client()
	wait := r.AskIdentity(t.Context())
	w, err := r.Workspace(t.Context(), nil)
	if id, failed := wait(); err != nil || failed != nil || w.Identity.WorkspaceID != "w1" || id.WorkspaceID != "w1" || n.Load() != 1 {
		t.Errorf("%+v, %+v, asked %d times, %v, %v", id, w.Identity, n.Load(), err, failed)
	}
}

// TestOneBadAnswer: each of the four readings stops the whole when it fails or
// is not to be believed; nothing is given beside the error.
func TestOneBadAnswer(t *testing.T) {
	for _, route := range []string{"GET /v2/self", "GET /v2/workspace_members", "GET /scim/v2/Users", "GET /scim/v2/Groups"} {
		for name, h := range map[string]http.HandlerFunc{
			"500": says(500, ``), "401": says(401, `no`), "empty": says(200, ``), "null": says(200, `null`), "204": says(204, ``), "number": says(200, `7`),
			"web page": says(200, `<html>`), "cut": says(200, `{"data":[`), "redirect": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://evil.example/"+r.URL.Path, http.StatusFound)
			},
		} {
			o := newOdd(t)
			o.on(route, h)
			r, _ := o.client()
			w, err := r.Workspace(t.Context(), nil)
			if attio.KindOf(err) == 0 || len(w.Members)+len(w.Teams) > 0 {
				t.Errorf("%s answering %s gave %d members and %v", route, name, len(w.Members), err)
			}
		}
	}
	o := newOdd(t)
	o.on("GET /v2/workspace_members", says(200, `{"data":[]}`))
	r, _ := o.client()
	if _, err := r.Workspace(t.Context(), nil); !attio.Is(err, attio.Untrusted) {
		t.Errorf("no members at all, though SCIM lists some, gave %v", err)
	}
}

// TestFindMember: addresses are compared on this side, whatever the server's
// filter does.
func TestFindMember(t *testing.T) {
	stored := user("u1", "Ada+\\\"x\\\"@Acme.com", true)
	exact := func(w http.ResponseWriter, r *http.Request) {
		entries := []string{}
		if f := r.URL.Query().Get("filter"); f == "" || f == `userName eq "ada@acme.com"` {
			entries = append(entries, user("u2", "ada@acme.com", false), user("u3", "Ada@acme.com", true))
		}
		if r.URL.Query().Get("filter") == "" {
			entries = append(entries, strings.ReplaceAll(stored, `\\\"`, `\"`))
		}
		_, _ = fmt.Fprint(w, list(len(entries), entries...))
	}
	ignored := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, list(2, user("u9", "someone@acme.com", true), user("u1", "ADA@acme.com", true)))
	}
	mistaken := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("filter") {
			_, _ = fmt.Fprint(w, list(1, user("u9", "someone@acme.com", true)))
			return
		}
		_, _ = fmt.Fprint(w, list(1, user("u1", "ada@acme.com", true)))
	}
	unknown := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("filter") {
			says(400, `{"scimType":"invalidFilter","status":400,"detail":["no such","filter"]}`)(w, r)
			return
		}
		_, _ = fmt.Fprint(w, list(1, user("u1", "ada@acme.com", true)))
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		email string
		id    string
	}{
		"a filter that minds case, and the active one of two": {exact, "ADA@acme.com", "u3"},
		"quotes in an address":                                {exact, `ada+"x"@acme.com`, "u1"},
		"nobody":                                              {exact, "nobody@acme.com", ""},
		"a filter that is ignored":                            {ignored, "ada@acme.com", "u1"},
		"a filter that is ignored, stranger":                  {ignored, "nobody@acme.com", ""},
		"a filter that finds another":                         {mistaken, "ada@acme.com", "u1"},
		"a filter that is refused":                            {unknown, "ada@acme.com", "u1"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOdd(t)
			o.on("GET /scim/v2/Users", c.serve)
			r, _ := o.client()
			m, ok, err := r.FindMember(t.Context(), c.email)
			if err != nil || ok != (c.id != "") || m.ID != c.id {
				t.Fatalf("got %+v, %t, %v", m, ok, err)
			}
		})
	}
}

// TestToken: it goes to the configured hosts only, never travels on with a
// redirect, and never stands in an error.
func TestToken(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked, with Authorization %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	o := newOdd(t)
	o.on("GET /scim/v2/Users/u1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/steal?"+r.Header.Get("Authorization"), http.StatusTemporaryRedirect)
	})
	o.on("GET /scim/v2/Users/u2", func(w http.ResponseWriter, r *http.Request) {
		says(403, `{"detail":"bad header `+r.Header.Get("Authorization")+`\u001b[2J\u202e"}`)(w, r)
	})
	r, _ := o.client()
	for _, id := range []string{"u1", "u2"} {
		_, err := r.Member(t.Context(), id)
		if err == nil || strings.Contains(err.Error(), token) || strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("reading %s gave %v", id, err)
		}
		if id == "u1" && (!attio.Is(err, attio.Untrusted) || !strings.Contains(err.Error(), "redirects to "+elsewhere.Listener.Addr().String())) {
			t.Errorf("a redirect gave %v", err)
		}
	}
	if s := fmt.Sprintf("%+v %#v", r, scim.Options{Token: func(context.Context) (string, error) { return token, nil }}); strings.Contains(s, token) {
		t.Error("printing settings shows the token")
	}
}

// TestNoToken: without a usable token nothing leaves.
func TestNoToken(t *testing.T) {
	for name, source := range map[string]scim.TokenSource{
		"none":      func(context.Context) (string, error) { return " ", nil },
		"quotes":    func(context.Context) (string, error) { return `"at-0123456789"`, nil },
		"a newline": func(context.Context) (string, error) { return "abc\r\nX-Evil: 1", nil },
		"an error":  func(context.Context) (string, error) { return "", errors.New("the keyring is locked") },
	} {
		r, err := scim.NewReader(scim.Options{APIURL: "https://a.example", SCIMURL: "https://a.example/scim/v2", Token: source,
			Transport: never{fail: func(r *http.Request) error { t.Errorf("%s: %s was sent", name, r.URL); return http.ErrAbortHandler }}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Identity(t.Context()); !attio.Is(err, attio.NotSignedIn) || strings.Contains(err.Error(), "X-Evil") ||
			strings.Contains(err.Error(), "0123456789") || name == "quotes" && !strings.Contains(err.Error(), "quotes round it") {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

// TestOptions: addresses that would send a token in the clear or elsewhere are
// refused.
func TestOptions(t *testing.T) {
	good := scim.Options{APIURL: "https://api.attio.com", SCIMURL: "https://api.attio.com/scim/v2/", Transport: http.DefaultTransport,
		Token: func(context.Context) (string, error) { return token, nil }}
	if _, err := scim.NewReader(good); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "api.attio.com", "http://api.attio.com", "ftp://api.attio.com", "https://user:pw@api.attio.com", "https://api.attio.com/?a=b", "https://", ":"} {
		o := good
		o.SCIMURL = address
		if _, err := scim.NewReader(o); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%q was taken, or repeated: %v", address, err)
		}
	}
	r, err := scim.NewReader(good)
	if err != nil {
		t.Fatal(err)
	}
	other := good
	other.APIURL = "https://api.other.com"
	if _, err := scim.NewWriter(r, other); err == nil {
		t.Error("a writer to another place than its reader's was made")
	}
}

// TestTransportErrors: what the transport gives up on becomes the kind that
// callers decide by.
func TestTransportErrors(t *testing.T) {
	for kind, want := range map[transport.ErrorKind]attio.ErrorKind{
		transport.Unreachable: attio.Unavailable, transport.Lost: attio.Unavailable, transport.Failed: attio.Unavailable,
		transport.Limited: attio.RateLimited, transport.TooLarge: attio.Untrusted, transport.Forbidden: attio.Refused,
	} {
		r, _ := clientOver(t, "https://a.example", never{fail: func(r *http.Request) error {
			return &transport.Error{Kind: kind, Side: "attio", Method: r.Method, Path: r.URL.Path, Status: 503, RequestID: "req-9", Body: []byte(`{"detail":"busy"}`)}
		}})
		_, err := r.Member(t.Context(), "u1")
		var e *attio.Error
		if !errors.As(err, &e) || e.Kind != want || e.Status != 503 || e.RequestID != "req-9" || e.Detail != "busy" || e.Hint == "" {
			t.Errorf("%v gave %v", kind, err)
		}
	}
}

// TestInterrupted: a reading that is cut off ends at once and says so.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := newOdd(t)
	o.on("GET /scim/v2/Users", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	r, _ := o.client()
	if _, err := r.Workspace(ctx, nil); !errors.Is(err, context.Canceled) || attio.KindOf(err) != attio.Unavailable {
		t.Fatalf("got %v", err)
	}
}

// TestJoinedGoesOn: a list that is known to have no pages, and says that it goes
// on, is not the whole list.
func TestJoinedGoesOn(t *testing.T) {
	const one = `{"id":{"workspace_member_id":"r1"},"email_address":"a@b.c","access_level":"admin"}`
	for more, whole := range map[string]bool{
		``: true, `,"next":null,"has_more":false,"pagination":{"next_cursor":null}`: true, `,"pagination":[]`: true,
		`,"next_cursor":"abc"`: false, `,"has_more":true`: false, `,"pagination":{"next_cursor":"abc"}`: false,
	} {
		r, _ := clientOver(t, "https://attio.example", roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Request: r, Body: io.NopCloser(strings.NewReader(`{"data":[` + one + `]` + more + `}`))}, nil
		}))
		joined, err := r.Joined(t.Context())
		if whole != (err == nil && len(joined) == 1) || !whole && !attio.Is(err, attio.Untrusted) {
			t.Errorf("%s: %v, %v", more, joined, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestListEndsInTheMiddle: a list of which the first page is there and the next
// one is not was cut short; only one that is not there at all is at a wrong
// address.
func TestListEndsInTheMiddle(t *testing.T) {
	page := `{"totalResults":3,"startIndex":1,"itemsPerPage":2,"Resources":[{"id":"u1","userName":"a@b.c","active":true},{"id":"u2","userName":"d@e.f","active":true}]}`
	for first, want := range map[bool]attio.ErrorKind{true: attio.Misplaced, false: attio.Untrusted} {
		r, _ := clientOver(t, "https://attio.example", roundTripper(func(r *http.Request) (*http.Response, error) {
			code, body := 200, page
			if first || r.URL.Query().Get("startIndex") != "1" {
				code, body = 404, `{"detail":"Not found"}`
			}
			return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {"application/json"}}, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
		}))
		if _, _, err := r.FindMember(t.Context(), "x@y.z"); !attio.Is(err, want) {
			t.Errorf("the first page is missing: %v: %v", first, err)
		}
	}
}

// TestPanicOfAReading: a fault in one of several readings at once reaches
// whoever asked, instead of ending the program from a goroutine of its own.
func TestPanicOfAReading(t *testing.T) {
	r, _ := clientOver(t, "https://a.example", never{fail: func(*http.Request) error { panic("a fault") }})
	_, err := r.Workspace(t.Context(), nil)
	if trouble, ok := errors.AsType[*group.PanicError](err); !ok || trouble.Value != "a fault" {
		t.Errorf("the fault came as %v", err)
	}
}
