package transport_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// TestTheLastLookComesAfterEveryWait: a request that waited out a limit is asked
// about again when its turn has come, and one that may not leave any more never
// does; what an attempt before it may have done is said.
func TestTheLastLookComesAfterEveryWait(t *testing.T) {
	old := errors.New("it has grown old")
	for _, c := range []struct {
		name  string
		first int // status of the first answer
		doubt bool
	}{{"waited for a limit", 429, false}, {"the first attempt failed", 503, true}} {
		synctest.Test(t, func(t *testing.T) {
			came, looked := 0, []time.Duration{}
			tr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				came++
				w.Header().Set("Retry-After", "65")
				w.WriteHeader(c.first)
			}), transport.Options{})
			begin := time.Now()
			ctx := transport.WithCallOptions(t.Context(), transport.CallOptions{Leaves: func(context.Context) error {
				looked = append(looked, time.Since(begin))
				if time.Since(begin) > time.Minute {
					return old
				}
				return nil
			}})
			req, _ := http.NewRequestWithContext(ctx, http.MethodPut, "http://localhost/x", nil)
			resp, err := tr.RoundTrip(req) //nolint:bodyclose // there is none
			e, _ := errors.AsType[*transport.Error](err)
			if resp != nil || !errors.Is(err, old) || e == nil || e.Kind != transport.Withheld || e.Doubt != c.doubt {
				t.Errorf("%s: %+v", c.name, err)
			}
			if came != 1 || len(looked) != 2 || looked[1] < time.Minute {
				t.Errorf("%s: %d requests came, looked at %v", c.name, came, looked)
			}
		})
	}
}
