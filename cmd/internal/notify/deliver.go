package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"scim-sync/config"
)

const (
	// patience is how long one try may take, tries how many there are, and pause how
	// long at most lies between them, whatever the service asks for: a run waits.
	patience = 10 * time.Second
	tries    = 2
	pause    = 2 * time.Second
	// enough of an answer is read to keep the connection.
	enough = 64 << 10
)

// Sender tells hooks.
type Sender struct {
	Hooks []config.Hook
	// Scrub takes secrets out of a text.
	Scrub     func(string) string
	UserAgent string
	// Base is what requests go through; nil: http.DefaultTransport, which minds
	// HTTPS_PROXY and SSL_CERT_FILE.
	Base http.RoundTripper
	// Pause is the time before the second try; 0: what the service asks for, up to
	// 2 s.
	Pause time.Duration
}

// Result is what became of a message to one hook.
type Result struct {
	Hook config.Hook
	Name string // notify[0] (slack, hooks.slack.com)
	Err  error
}

// Send tells each hook what it wants to hear of, all of them at once, and gives what
// became of it. Hooks that want none of it, or have no address, are left out.
func (s *Sender) Send(ctx context.Context, m Message) []Result {
	var all []Result
	var wait sync.WaitGroup
	for i, h := range s.Hooks {
		own := m.of(h)
		if len(own.Events) == 0 || !h.URL.Given() {
			continue
		}
		all = append(all, Result{Hook: h, Name: name(i, h)})
	}
	for i := range all {
		r := &all[i]
		wait.Go(func() { r.Err = s.deliver(ctx, r.Hook, m.of(r.Hook)) })
	}
	wait.Wait()
	return all
}

func name(i int, h config.Hook) string {
	return fmt.Sprintf("notify[%d] (%s, %s)", i, h.Format, h.Host())
}

// Names are those that results give hooks.
func (s *Sender) Names() (all []string) {
	for i, h := range s.Hooks {
		all = append(all, name(i, h))
	}
	return all
}

// Test sends a message that each hook hears.
func (s *Sender) Test(ctx context.Context, m Message) []Result {
	m.Events = []Event{{Event: test, Text: "this is a test: messages of scim-sync arrive here"}}
	return s.Send(ctx, m)
}

// Wants says whether any hook wants to hear of an event.
func (s *Sender) Wants(e config.HookEvent) bool {
	for _, h := range s.Hooks {
		if h.URL.Given() && h.Hears(e) {
			return true
		}
	}
	return false
}

func (s *Sender) deliver(ctx context.Context, h config.Hook, m Message) error {
	body, err := encode(m, h.Format, s.Scrub)
	if err != nil {
		return err
	}
	return s.ask(ctx, http.MethodPost, h.URL.Reveal(), body)
}

// Beat asks for the address of a heartbeat.
func (s *Sender) Beat(ctx context.Context, address config.Secret) error {
	return s.ask(ctx, http.MethodGet, address.Reveal(), nil)
}

// ask makes one request, and once more where the service could not be reached or is
// not well. The address is a secret: no error has it.
func (s *Sender) ask(ctx context.Context, method, address string, body []byte) error {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax = tries - 1
	client.Backoff = func(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
		if s.Pause > 0 {
			return s.Pause
		}
		return min(retryablehttp.DefaultBackoff(least, most, attempt, resp), pause)
	}
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	client.HTTPClient = &http.Client{Transport: s.Base, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // what is told goes to nobody else
	}}
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return errors.New("its address cannot be asked")
	}
	req.Header.Set("User-Agent", s.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err
		}
		return errors.New(s.Scrub(err.Error()))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, enough))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return nil
}
