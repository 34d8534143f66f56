package transport_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"scim-sync/internal/redact"
	"scim-sync/internal/transport"
)

// What a request carries in secret comes back nowhere, however the service writes
// it: not in a header, not in the page of an error, which others cut and show, not
// in a failure's text, and not in the log.
func TestWhatARequestCarriesInSecretComesBackNowhere(t *testing.T) {
	const token = "00Secret-to/ken+0123456789"
	parts := []string{"Secret-to", "0123456789", "AwU2VjcmV0", base64.StdEncoding.EncodeToString([]byte("ecret-to"))[:8], "%30%31%32"}
	forms := map[string]string{"as it is": token, "percent": url.QueryEscape(token), "base64": base64.StdEncoding.EncodeToString([]byte("user:" + token))}
	for name, echo := range forms {
		for _, status := range []int{200, 302, 400, 500} {
			for _, by := range []string{"header", "form"} {
				t.Run(fmt.Sprintf("%s %d in a %s", name, status, by), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var log bytes.Buffer
						base := roundTrip(func(r *http.Request) (*http.Response, error) {
							return answer(r, status, strings.Repeat("x", 395)+echo, "X-Request-Id", echo, "Location", "https://x.example/"+echo), nil
						})
						tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}, Attempts: 2,
							Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
						r := request(t, t.Context(), "PUT", "/x")
						if by == "header" {
							r.Header.Set("Authorization", "Bearer "+token)
						} else {
							r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
							r.Body = io.NopCloser(strings.NewReader(url.Values{"client_secret": {token}, "grant_type": {"x"}}.Encode()))
						}
						resp, err := tr.RoundTrip(r)
						said := log.String()
						var e *transport.Error
						switch {
						case errors.As(err, &e):
							said += e.Error() + string(e.Body) + fmt.Sprint(e.Header) + e.RequestID
						case err != nil:
							t.Fatal(err)
						default:
							said += fmt.Sprint(resp.Header)
							if body, _ := io.ReadAll(resp.Body); status != 200 {
								said += string(body)
							}
						}
						if !strings.Contains(said, redact.Mark) {
							t.Errorf("nothing was there to take out: %s", said)
						}
						for _, p := range parts {
							if strings.Contains(said, p) {
								t.Errorf("%q in %s", p, said)
							}
						}
					})
				})
			}
		}
	}
}

// An answer of success is the service's data and stays as it is.
func TestDataIsNotTouched(t *testing.T) {
	const token = "00Secret-to/ken+0123456789"
	base := roundTrip(func(r *http.Request) (*http.Response, error) { return answer(r, 200, "is "+token), nil })
	tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"}})
	r := request(t, t.Context(), "GET", "/x")
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(resp.Body); string(body) != "is "+token {
		t.Errorf("%s", body)
	}
}
