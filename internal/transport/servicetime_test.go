package transport_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"scim-sync/internal/transport"
)

// The service's time is that of its newest Date and what has passed since,
// whatever becomes of this machine's clock; an answer that was long on its way
// moves it by no more than that.
func TestServiceTimeGoesByTheServicesDates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ahead := 400 * 24 * time.Hour
		date := func() string { return time.Now().Add(ahead).UTC().Format(http.TimeFormat) }
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			if d := date(); d != "" {
				return answer(r, 200, "{}", "Date", d), nil
			}
			return answer(r, 200, "{}"), nil
		})
		var slept time.Duration
		start := time.Now()
		tr := transport.New(transport.Options{Base: base, Hosts: []string{"localhost"},
			Elapsed: func() time.Duration { return time.Since(start) + slept }})
		ask := func() {
			t.Helper()
			if _, err := tr.RoundTrip(request(t, t.Context(), "GET", "/x")); err != nil {
				t.Fatal(err)
			}
		}
		if at, known := tr.ServiceTime(); known || !at.IsZero() && known {
			t.Errorf("known before the first answer: %s", at)
		}
		is := func(when string, within time.Duration) {
			t.Helper()
			at, known := tr.ServiceTime()
			behind := time.Now().Add(ahead + slept).Sub(at)
			off, _ := tr.Ahead()
			if !known || behind < 0 || behind > within || (ahead+slept-off).Abs() > within {
				t.Errorf("%s: %s behind, ahead %s", when, behind, off)
			}
		}
		<-time.After(700 * time.Millisecond)
		ask()
		is("after one answer", time.Second)
		<-time.After(3 * time.Hour)
		is("three hours later", time.Second)
		for range 20 {
			<-time.After(170 * time.Millisecond)
			ask()
		}
		is("after many answers", 200*time.Millisecond)
		slept = 8 * time.Hour
		is("after a sleep", 200*time.Millisecond)
		slept, ahead = 0, ahead+8*time.Hour
		ask()
		is("and the next answer", time.Second)
		date = func() string { return "" }
		<-time.After(time.Minute)
		ask()
		is("an answer without a Date", time.Second)
		date = func() string { return time.Now().Add(-ahead).UTC().Format(http.TimeFormat) }
		ask()
		ahead = -ahead
		is("a service whose clock was set back", time.Second)
	})
}
