package okta

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/redact"
)

// hostile is every variable that the SDK or its helper reads, set to harm.
func hostile() map[string]string {
	return map[string]string{
		"OKTA_CLIENT_ORGURL": "http://127.0.0.1:1", "OKTA_CLIENT_TOKEN": "hostile-token", "OKTA_CLIENT_AUTHORIZATIONMODE": "PrivateKey",
		"OKTA_CLIENT_CLIENTID": "x", "OKTA_CLIENT_SCOPES": "a,b", "OKTA_CLIENT_PRIVATEKEY": "x", "OKTA_CLIENT_PRIVATEKEYID": "x",
		"OKTA_CLIENT_CLIENTASSERTION": "x", "OKTA_CLIENT_CACHE_ENABLED": "true", "OKTA_CLIENT_CACHE_DEFAULT_TTL": "3600",
		"OKTA_CLIENT_CACHE_DEFAULT_TTI": "3600", "OKTA_CLIENT_CONNECTION_TIMEOUT": "1", "OKTA_CLIENT_REQUEST_TIMEOUT": "not a number",
		"OKTA_CLIENT_RATE_LIMIT_MAX_RETRIES": "9", "OKTA_CLIENT_RATE_LIMIT_MAX_BACKOFF": "9", "OKTA_CLIENT_PROXY_HOST": "127.0.0.1",
		"OKTA_CLIENT_PROXY_PORT": "1", "OKTA_CLIENT_PROXY_USERNAME": "x", "OKTA_CLIENT_PROXY_PASSWORD": "x",
		"OKTA_TESTING_DISABLE_HTTPS_CHECK": "true", "OKTA_HTTPCLIENT_TIMEOUT": "1ns", "OKTA_USERAGENTEXTRA": "hostile",
	}
}

// The program reads the same list in the same way whatever the environment
// and the home directory hold, asks the server each time, and writes nothing.
// It runs in a process of its own, because it is about what that prints.
func TestEnvironmentAndHomeHaveNoSay(t *testing.T) {
	if os.Getenv("OKTA_TEST_CHILD") != "" {
		readTwice(t, os.Getenv("OKTA_TEST_CHILD"))
		return
	}
	o := newOrg(t)
	var agents []string
	o.on(appRoot+"/users", func(w http.ResponseWriter, r *http.Request) {
		agents = append(agents, r.UserAgent())
		paged(appUsers(3), 2)(w, r)
	})
	home := t.TempDir()
	if err := os.MkdirAll(home+"/.okta", 0o700); err != nil {
		t.Fatal(err)
	}
	const yaml = "okta:\n  client:\n    orgUrl: http://127.0.0.1:1\n    authorizationMode: JWT\n    cache:\n      enabled: true\n"
	for _, file := range []string{home + "/.okta/okta.yaml", home + "/.okta.yaml"} {
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnvironmentAndHomeHaveNoSay$", "-test.v=false")
	child.Env = append(os.Environ(), "HOME="+home, "OKTA_TEST_CHILD="+o.URL)
	child.Dir = home
	for k, v := range hostile() {
		child.Env = append(child.Env, k+"="+v)
	}
	var stdout, stderr bytes.Buffer
	child.Stdout, child.Stderr = &stdout, &stderr
	if err := child.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	rest := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if stderr.Len() > 0 || len(rest) > 2 || strings.Contains(stdout.String(), "parsing") {
		t.Errorf("it printed %q and %q", &stdout, &stderr)
	}
	if n := len(o.requests(appRoot + "/users")); n != 4 {
		t.Errorf("%d requests for two readings of two pages", n)
	}
	for _, a := range agents {
		if strings.Contains(a, "hostile") {
			t.Errorf("user agent %q", a)
		}
	}
}

func readTwice(t *testing.T, url string) {
	s, err := New(t.Context(), Options{OrgURL: url, AppID: testApp, APIToken: fixedToken(testToken), Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		dir, err := s.Directory(t.Context(), idp.Query{Teams: idp.NoTeams})
		if err != nil || len(dir.People) != 3 {
			t.Fatalf("%d people, %v", len(dir.People), err)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	token := fixedToken(testToken)
	tests := []struct {
		name string
		o    Options
		says string // "" for no error
		want string // the org as it is then known
	}{
		{"plain", Options{OrgURL: "https://acme.okta.com", AppID: "0oa1", APIToken: token}, "", "https://acme.okta.com"},
		{"slash, case, port", Options{OrgURL: " HTTPS://Acme.Okta.com:443/ ", AppID: "0oa1", APIToken: token}, "", "https://acme.okta.com"},
		{"own domain", Options{OrgURL: "https://login.acme.com:8443", AppID: "0oa1", Signed: true}, "", "https://login.acme.com:8443"},
		{"loopback", Options{OrgURL: "http://127.0.0.1:8080", AppID: "0oa1", APIToken: token}, "", "http://127.0.0.1:8080"},
		{"a company called -admin", Options{OrgURL: "https://it-admin.acme.com", AppID: "0oa1", APIToken: token}, "", "https://it-admin.acme.com"},
		{"missing", Options{AppID: "0oa1", APIToken: token}, "missing", ""},
		{"no scheme", Options{OrgURL: "acme.okta.com", AppID: "0oa1", APIToken: token}, "not an address", ""},
		{"http", Options{OrgURL: "http://acme.okta.com", AppID: "0oa1", APIToken: token}, "not https", ""},
		{"admin", Options{OrgURL: "https://acme-admin.okta.com", AppID: "0oa1", APIToken: token}, "admin console", ""},
		{"admin, preview", Options{OrgURL: "https://acme-admin.oktapreview.com/", AppID: "0oa1", APIToken: token}, "admin console", ""},
		{"slip", Options{OrgURL: "https://acme.okta.com.com", AppID: "0oa1", APIToken: token}, "slip", ""},
		{"password", Options{OrgURL: "https://u:hunter2@acme.okta.com", AppID: "0oa1", APIToken: token}, "more than", ""},
		{"path", Options{OrgURL: "https://acme.okta.com/admin/apps", AppID: "0oa1", APIToken: token}, "more than", ""},
		{"app", Options{OrgURL: "https://acme.okta.com", AppID: "a/b?c", APIToken: token}, "not the id", ""},
		{"no app", Options{OrgURL: "https://acme.okta.com", APIToken: token}, "not the id", ""},
		{"no credential", Options{OrgURL: "https://acme.okta.com", AppID: "0oa1"}, "exactly one", ""},
		{"two credentials", Options{OrgURL: "https://acme.okta.com", AppID: "0oa1", APIToken: token, Signed: true}, "exactly one", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := New(t.Context(), tt.o)
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v, want %q", err, tt.says)
				}
				return
			}
			if err != nil || s.org != tt.want {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// carrier is a transport of a test.
type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

// With a transport that signs, nothing of the SDK's own credential is sent.
func TestSigningTransportGetsABareRequest(t *testing.T) {
	var mu sync.Mutex // requests are made side by side
	var got []http.Header
	s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, Transport: carrier(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		got = append(got, r.Header)
		mu.Unlock()
		rec := httptest.NewRecorder()
		oktaError(rec, 403, "E0000006", "You do not have permission to perform the requested action")
		return rec.Result(), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Directory(t.Context(), idp.Query{})
	mu.Lock() // one that was not waited for may still be on its way
	defer mu.Unlock()
	for _, h := range got {
		if _, has := h["Authorization"]; has || h.Get("Accept") == "" {
			t.Errorf("headers %v", h)
		}
	}
	if len(got) == 0 {
		t.Error("nothing was asked")
	}
	if idp.KindOf(err) != idp.Credential || !strings.Contains(fmt.Sprint(err.(*idp.Error).Hint), "okta.apps.read") {
		t.Errorf("%v", err)
	}
}

// No text that leaves the package holds the token, not even when the server
// sends it back, and values print without it.
func TestSecretsStayOut(t *testing.T) {
	echo := carrier(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		oktaError(rec, 403, "E0000006", "you sent "+r.Header.Get("Authorization")+", "+testToken+" and Bearer eyJhbGciOi.eyJzdWIi.c2ln\x1b[31m\u202e")
		return rec.Result(), nil
	})
	down := carrier(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy said: %s client_assertion=eyJabc.def.ghi: %w", r.Header.Get("Authorization"), io.EOF)
	})
	says := func(summary, id string) carrier {
		return func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header().Set("X-Okta-Request-Id", id)
			oktaError(rec, 403, "E0000006", summary)
			return rec.Result(), nil
		}
	}
	for name, below := range map[string]http.RoundTripper{
		"echo": echo, "down": down, "where texts are cut": says(strings.Repeat("x", 270)+" "+testToken, "req-1"), "in the request id": says("no", "a-"+testToken),
		"in base64": says("you sent "+base64.StdEncoding.EncodeToString([]byte("user:"+testToken)), "req-1"),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, APIToken: fixedToken(testToken), Transport: below})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Directory(t.Context(), idp.Query{})
			if err == nil {
				t.Fatal("no error")
			}
			all := fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, s, s, *s)
			for _, secret := range []string{testToken, testToken[:12], base64.StdEncoding.EncodeToString([]byte(testToken[1:]))[:8], "eyJ", "\x1b", "\u202e"} {
				if strings.Contains(all, secret) {
					t.Errorf("%q is in %s", secret, all)
				}
			}
			if !strings.Contains(err.Error(), redact.Mark) {
				t.Errorf("the test sent nothing to keep out: %v", err)
			}
		})
	}
}

func TestBadTokensAreRefusedBeforeTheyAreSent(t *testing.T) {
	for name, token := range map[string]func() (string, error){
		"in quotes": fixedToken(`"` + testToken + `"`), "with a quote": fixedToken("'" + testToken), "in curly quotes": fixedToken("“" + testToken + "”"),
		"empty": fixedToken(""), "blank": fixedToken(" \n"), "two lines": fixedToken("00abc\nX-Evil: 1"),
		"unreadable": func() (string, error) { return "", fmt.Errorf("open token.txt: permission denied") },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t)
			_, err := o.read(t, o.source(t, func(op *Options) { op.APIToken = token }))
			if idp.KindOf(err) != idp.Credential || len(o.requests("")) != 0 {
				t.Errorf("%v after %d requests", err, len(o.requests("")))
			}
		})
	}
}
