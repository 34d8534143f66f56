package auth_test

import (
	"encoding/base64"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestLifeOfATokenInAnyNumber: seconds are taken however the number is written.
func TestLifeOfATokenInAnyNumber(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`3600`: time.Hour, `3600.0`: time.Hour, `3.6e3`: time.Hour, `3600.9`: time.Hour, `"3600"`: time.Hour, `"3600.0"`: time.Hour,
		`1e300`: math.MaxInt32 * time.Second, `0.0`: 0, `null`: 0,
	} {
		s := newSite(t)
		s.body = `{"access_token":"at-0123456789","token_type":"Bearer","refresh_token":"rt-0","expires_in":` + text + `}`
		redirect := freePort(t)
		flow, err := s.consent(redirect).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := flow.Paste("code=the-code&state=" + stateOf(t, flow.Address())); err != nil {
			t.Fatal(err)
		}
		token, err := flow.Token(t.Context())
		flow.Close()
		if err != nil || token.Access() != "at-0123456789" || token.Refresh() != "rt-0" {
			t.Errorf("%s gave %v, %v", text, token.Expires, err)
			continue
		}
		if left := time.Until(token.Expires); want == 0 != token.Expires.IsZero() || want > 0 && (left > want || left < want-time.Minute) {
			t.Errorf("%s ends %v", text, token.Expires)
		}
	}
}

// TestSecretsThatComeBack: what was sent with the token request is in no error,
// however the answer writes it.
func TestSecretsThatComeBack(t *testing.T) {
	encoded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte("app-1:" + s)) }
	for _, said := range []string{secretText, url.QueryEscape(secretText), encoded(secretText), "a-code-of-some-length", strings.Repeat("x", 190) + secretText} {
		s := newSite(t)
		s.status, s.body = 400, `{"error":"invalid_grant","error_description":"you sent `+said+`"}`
		flow, err := s.consent(freePort(t)).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := flow.Paste("code=a-code-of-some-length&state=" + stateOf(t, flow.Address())); err != nil {
			t.Fatal(err)
		}
		_, err = flow.Token(t.Context())
		flow.Close()
		if err == nil || !strings.Contains(err.Error(), "you sent") || strings.Contains(err.Error(), said) || strings.Contains(err.Error(), secretText[:10]) {
			t.Errorf("%s came back as %v", said, err)
		}
	}
}
