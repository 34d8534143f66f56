package notify

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/config"
)

// hanging is a service that takes requests and says nothing more: not at all, or after
// the head of its answer.
type hanging struct{ head bool }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.head {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body{r}, Request: r}, nil
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

type body struct{ of *http.Request }

func (b body) Read([]byte) (int, error) {
	<-b.of.Context().Done()
	return 0, io.ErrUnexpectedEOF
}

func (body) Close() error { return nil }

// TestAHookThatHangsIsGivenUp: after two tries of ten seconds, all hooks beside each
// other, and no error tells an address.
func TestAHookThatHangsIsGivenUp(t *testing.T) {
	hook := config.Hook{URL: config.NewSecret("https://hooks.example/very-secret?sig=hush"), Format: config.HookJSON, On: everything}
	for head, told := range map[bool]bool{false: false, true: true} {
		synctest.Test(t, func(t *testing.T) {
			s := &Sender{Scrub: scrub, Base: hanging{head}, Hooks: []config.Hook{hook, hook, hook}}
			began := time.Now()
			for _, r := range s.Send(t.Context(), news()) {
				if (r.Err == nil) != told || r.Err != nil && (strings.Contains(r.Err.Error(), "secret") || strings.Contains(r.Err.Error(), "hush")) {
					t.Errorf("%s: %v", r.Name, r.Err)
				}
			}
			if took := time.Since(began); took > tries*patience+pause {
				t.Errorf("a run waited %s", took)
			}
			if err := s.Beat(t.Context(), hook.URL); (err == nil) != told || err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%v", err)
			}
		})
	}
}
