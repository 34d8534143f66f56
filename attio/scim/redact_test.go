package scim_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// TestNothingRepeatsTheToken: wherever a service puts the token, as it is or
// encoded, in the id of a request, in an error's words before or across the place
// where they are cut, in an address, in an entry, nothing that comes out of the
// client holds it, nor most of it.
func TestNothingRepeatsTheToken(t *testing.T) {
	forms := map[string]func(string) string{
		"as it is":               func(s string) string { return s },
		"percent":                url.QueryEscape,
		"base64":                 func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64 for addresses":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"base64, Basic":          func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s + ":")) },
		"base64, after a letter": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
		"base64, after two":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte("xy" + s)) },
		"with a mark in it":      func(s string) string { return s[:5] + "\u200b" + s[5:] },
	}
	for name, form := range forms {
		said := form(token)
		long := 95 // an id is cut at 100
		if name == "with a mark in it" {
			long = 0
		}
		for place, answer := range map[string]http.HandlerFunc{
			"request id": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", strings.Repeat("r", long)+said)
				w.WriteHeader(400)
			},
			"request id of a failure": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", strings.Repeat("r", long)+said)
				w.WriteHeader(503)
			},
			"request id of a success": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", strings.Repeat("r", long)+said)
				_, _ = fmt.Fprint(w, user("u1", "ada@acme.com", true))
			},
			"detail":  says(403, `{"detail":"the token `+said+` may not"}`),
			"cut":     says(400, `{"detail":"`+strings.Repeat("x", 395)+said+`"}`),
			"text":    says(400, strings.Repeat("x", 395)+said),
			"code":    says(400, `{"code":"`+said+`"}`),
			"failure": says(500, `{"detail":"`+strings.Repeat("x", 395)+said+`"}`),
			"an id":   says(200, user("u9"+strings.Repeat("x", 50)+said, "ada@acme.com", true)),
			"redirect": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://"+said+".example/")
				w.WriteHeader(302)
			},
		} {
			o := newOdd(t)
			o.on("PATCH /scim/v2/Users/u1", answer)
			o.on("GET /scim/v2/Users/u1", answer)
			server := httptest.NewServer(o)
			_, w := clientOver(t, server.URL, transport.New(transport.Options{Side: "attio", Hosts: []string{server.Listener.Addr().String()}, Attempts: 1}))
			_, receipt, err := w.SetRole(t.Context(), "u1", attio.RoleAdmin)
			server.Close()
			out := fmt.Sprintf("%v %+v %#v", err, receipt, receipt)
			if e, ok := errors.AsType[*attio.Error](err); ok {
				out += fmt.Sprintf("%+v %s %s", *e, e.Detail, e.RequestID)
				if e.Err != nil {
					out += fmt.Sprintf("%v %+v", e.Err, e.Err)
				}
			}
			out = strings.ToLower(strings.ReplaceAll(out, "\u200b", ""))
			for _, f := range []string{said, token} {
				if f = strings.ToLower(strings.ReplaceAll(f, "\u200b", "")); strings.Contains(out, f) || strings.Contains(out, f[:len(f)/2+2]) {
					t.Errorf("%s in the %s: %s", name, place, out)
					break
				}
			}
		}
	}
}
