package okta

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// The SDK alone, without the guard, never sends a request twice: neither
// after a connection that was closed without an answer nor after a 429.
func TestSDKNeverRepeats(t *testing.T) {
	for name, answer := range map[string]carrier{
		"closed": func(*http.Request) (*http.Response, error) { return nil, io.EOF },
		"429": func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header().Set("Date", "Mon, 02 Feb 2026 11:16:18 GMT")
			rec.Header().Set("X-Rate-Limit-Reset", "1")
			oktaError(rec, 429, "E0000047", "API call exceeded rate limit due to too many requests.")
			return rec.Result(), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			sent := 0
			re := newExecutor("https://acme.okta.com", carrier(func(r *http.Request) (*http.Response, error) {
				if sent++; sent > 50 {
					return nil, errors.New("enough")
				}
				return answer(r)
			}))
			req, err := re.NewRequest(http.MethodGet, "/api/v1/groups", nil)
			if err != nil {
				t.Fatal(err)
			}
			var list []wireGroup
			if _, err := re.Do(t.Context(), req, &list); err == nil || sent != 1 {
				t.Errorf("%d requests, %v", sent, err)
			}
		})
	}
}

func TestLostHidesTheEndOfFile(t *testing.T) {
	inner := &idp.Error{Kind: idp.Credential}
	err := fmt.Errorf("get: %w", &lost{fmt.Errorf("read: %w (%w, %w)", inner, io.EOF, http.ErrHandlerTimeout)})
	var known *idp.Error
	if errors.Is(err, io.EOF) || !errors.Is(err, http.ErrHandlerTimeout) || !errors.As(err, &known) || known != inner {
		t.Errorf("%v", err)
	}
}

// FuzzPage serves any body with any links as a page of app users: the reading
// ends without a panic, with an error or with people who all have ids.
func FuzzPage(f *testing.F) {
	f.Add("["+appUser(1)+"]", `<`+appRoot+`/users?after=1>; rel="next"`)
	f.Add(`[null]`, `<://>; rel="next", <`)
	f.Add(`[{"id":"00u1","profile":{"roles":["\u0061",{}],"email":"\"`, `</x;y>; rel=next`)
	f.Add("[]\x00", `<a>;rel="self`)
	f.Add(`[{"id":"00u1","_embedded":{"user":{"id":"00u1","profile":[1]}},"_links":{"group":[[]]},"profile":"x"}]`, "")
	f.Fuzz(func(t *testing.T, body, link string) {
		s, err := New(t.Context(), Options{OrgURL: "https://acme.okta.com", AppID: testApp, Signed: true, RoleAttribute: "roles", MaxPages: 3,
			Transport: carrier(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Request: r, Body: readCloser(body), Header: http.Header{"Content-Type": {"application/json"}, "Link": {link}}}, nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		people, err := s.listPeople(t.Context(), s.newUserDecoder(idset.NewDictionary()), func(string, int) {})
		if err != nil && idp.KindOf(err) != idp.Untrusted {
			t.Errorf("%v", err)
		}
		for _, p := range people {
			if !isID(p.ID) || p.Access == 0 || p.Proof.Says == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
