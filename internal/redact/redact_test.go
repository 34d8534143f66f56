package redact_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/redact"
	"scim-sync/internal/sample"
)

const token = "00To/ken+0123=45~6-_."

// However a secret is written, and whatever stands around it, it is not told.
func TestASecretIsTakenOutInEveryForm(t *testing.T) {
	var s redact.Secrets
	s.Add(token, "short", "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7\n-----END KEY-----\n")
	var percent string
	for i := range len(token) {
		percent += fmt.Sprintf("%%%02x", token[i])
	}
	for name, text := range map[string]string{
		"as it is":    "SSWS " + token + ".",
		"in a query":  "?token=" + url.QueryEscape(token) + "&x=1",
		"lower case":  "x" + strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(url.QueryEscape(token)),
		"in a path":   "/a/" + url.PathEscape(token) + "/b",
		"all percent": "x" + percent + strings.ToUpper(percent),
		"twice":       token + token,
		"a key":       "MIIEowIBAAKCAQEA7",
		"strictly":    "x" + strings.NewReplacer("/", "%2F", "+", "%2B", "=", "%3D", "~", "%7E", "-", "%2D", "_", "%5F", ".", "%2E").Replace(token),
		"in hex":      fmt.Sprintf("%x %X", token, token),
	} {
		got := s.Clean(text)
		if !strings.Contains(got, redact.Mark) || strings.Contains(got, "0123") || strings.Contains(got, "%30%31%32") || strings.Contains(got, "30313233") || strings.Contains(got, "owIBAA") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if text := "short -----BEGIN KEY----- and 00To/ken+0123=45"; s.Clean(text) != text {
		t.Errorf("more than the secrets is gone: %s", s.Clean(text))
	}
	sample.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[ -~]{12,40}`).Draw(t, "secret")
		before, after := rapid.StringN(0, 9, 20).Draw(t, "before"), rapid.StringN(0, 9, 20).Draw(t, "after")
		var s redact.Secrets
		s.Add(secret)
		if strings.TrimSpace(secret) != secret {
			return // a line is taken without the blanks around it
		}
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
			got := s.Clean(e.EncodeToString([]byte(before + secret + after)))
			if !strings.Contains(got, redact.Mark) {
				t.Fatalf("base64 of %q: %s", before+secret+after, got)
			}
		}
	})
}

func TestHeadersAreCleanedInTheirPlace(t *testing.T) {
	var s redact.Secrets
	s.Add(token)
	h := http.Header{"X-Okta-Request-Id": {"req", token}, "Date": {"Mon, 02 Feb 2026 12:00:00 GMT"}}
	s.CleanHeader(h)
	if fmt.Sprint(h) != "map[Date:[Mon, 02 Feb 2026 12:00:00 GMT] X-Okta-Request-Id:[req (secret)]]" {
		t.Error(h)
	}
}
