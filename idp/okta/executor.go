package okta

import (
	"context"
	"fmt"
	"net/http"
	"time"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/cache"

	"scim-sync/internal/transport"
)

// newExecutor makes the SDK's request executor with settings of ours alone.
//
// okta.NewClient is not used: before it looks at what it is given it reads
// ~/.okta/okta.yaml, a second file beside its own source and the variables
// OKTA_*, takes from there every field that it was not given, and prints
// "error parsing" on standard output when one of them is not a number. The
// executor itself needs a configuration only, and that begins empty here.
func newExecutor(org string, below http.RoundTripper) *sdk.RequestExecutor {
	client := &http.Client{
		Transport: below,
		// The guard refuses redirects before this is asked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	noCache := cache.NewNoOpCache()
	config := empty(new(sdk.Client).GetConfig())
	for _, set := range []sdk.ConfigSetter{
		sdk.WithOrgUrl(org),
		// The guard puts the true credential in; the SDK never sees it.
		sdk.WithAuthorizationMode("SSWS"),
		sdk.WithToken("set-by-the-guard"),
		sdk.WithClientId(""),
		sdk.WithClientAssertion(""),
		sdk.WithScopes(nil),
		sdk.WithPrivateKeyId(""),
		sdk.WithPrivateKeySigner(nil),
		// A list answered from memory would hide what changed since.
		sdk.WithCache(false),
		sdk.WithCacheManager(noCache),
		sdk.WithCacheTtl(0),
		sdk.WithCacheTti(0),
		sdk.WithHttpClientPtr(client),
		sdk.WithProxyHost(""),
		sdk.WithProxyPort(0),
		sdk.WithProxyUsername(""),
		sdk.WithProxyPassword(""),
		// Deadlines come by the context of each call.
		sdk.WithConnectionTimeout(0),
		sdk.WithRequestTimeout(0),
		// Repeating is the transport's. At -1 the SDK never repeats, not even
		// a connection closed without an answer, which it else does for ever.
		sdk.WithRateLimitMaxRetries(-1),
		sdk.WithRateLimitMaxBackOff(0),
		sdk.WithTestingDisableHttpsCheck(false),
		sdk.WithUserAgentExtra(""),
	} {
		set(config)
	}
	return sdk.NewRequestExecutor(client, noCache, config)
}

// empty makes a new value of the type that its argument points to: a way to
// have a value of a type that has no exported name.
func empty[T any](*T) *T { return new(T) }

// reply is what is kept of an answer beside its body.
type reply struct {
	status    int
	at        time.Time // Okta's clock, else ours
	date      time.Time // Okta's clock, else zero
	requestID string
	next      string // path and query of the next page, empty on the last
}

// get makes one GET through the SDK and decodes the answer into v, which must
// point to a fresh value: the SDK decodes over what is there. The error is one
// of this package's kinds, for fail to translate.
func (s *Source) get(ctx context.Context, target string, v any) (got reply, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	ctx = transport.WithCallOptions(ctx, transport.CallOptions{MaxBody: int64(maxBody(ctx))})
	err = contained(func() error {
		// A copy each: an executor keeps settings of the request in hand.
		re := *s.executor
		req, err := re.NewRequest(http.MethodGet, target, nil)
		if err != nil {
			return fmt.Errorf("make the request: %w", err)
		}
		resp, err := re.Do(ctx, req, v)
		if err != nil {
			return err
		}
		got = reply{
			status: resp.StatusCode, at: dateOf(resp.Header), date: stamp(resp.Header), requestID: requestIDOf(resp.Header), next: resp.NextPage,
		}
		return nil
	})
	if transport.KindOf(err) == 0 {
		s.stats.asked.Add(1) // to ask again is no part of a cycle
	}
	return got, err
}

// contained runs f and makes a panic in it an error.
func contained(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &refusal{why: fmt.Sprintf("reading it panicked: %v", p)}
		}
	}()
	return f()
}

func dateOf(h http.Header) time.Time {
	if at := stamp(h); !at.IsZero() {
		return at
	}
	return time.Now().UTC().Truncate(time.Second)
}

// stamp is the Date of an answer, zero when there is none.
func stamp(h http.Header) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func requestIDOf(h http.Header) string { return plain(h.Get("X-Okta-Request-Id")) }
