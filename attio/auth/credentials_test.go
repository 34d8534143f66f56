package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"scim-sync/attio"
	"scim-sync/attio/auth"
)

// TestMain keeps the tests away from the keyring of whoever runs them.
func TestMain(m *testing.M) {
	keyring.MockInit()
	m.Run()
}

func login(id, slug string) auth.Login {
	return auth.Login{WorkspaceID: id, WorkspaceSlug: slug, WorkspaceName: slug, ClientID: "app-1", AuthorizedBy: "ada@acme.example"}
}

// noRing is a system without a keyring.
type noRing struct{}

var errNoBus = errors.New("no bus")

func (noRing) Get(string, string) (string, error) { return "", errNoBus }
func (noRing) Set(string, string, string) error   { return errNoBus }
func (noRing) Delete(string, string) error        { return errNoBus }

// fickleRing is a keyring that may stop working.
type fickleRing struct {
	auth.Keyring
	down atomic.Bool
}

func (r *fickleRing) Set(service, user, secret string) error {
	if r.down.Load() {
		return errNoBus
	}
	return r.Keyring.Set(service, user, secret)
}

func (r *fickleRing) Delete(service, user string) error {
	if r.down.Load() {
		return errNoBus
	}
	return r.Keyring.Delete(service, user)
}

// TestForgetReachesTheKeyringToo: a token in the keyring does not outlive a
// sign-in that later fell back to a file; while the keyring cannot be reached,
// that is said and can be tried again.
func TestForgetReachesTheKeyringToo(t *testing.T) {
	ring := &fickleRing{Keyring: auth.SystemKeyring()}
	v := auth.NewCredentialStore(filepath.Join(t.TempDir(), "data"), ring)
	keep := func(token string) auth.Login {
		t.Helper()
		l, _, err := v.Keep(t.Context(), login("id-fickle", "acme"), auth.NewToken(token, "", time.Time{}))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	keep("at-old-0123456789")
	ring.down.Store(true)
	if l := keep("at-new-0123456789"); l.Kept != auth.InFile || !l.Leftover {
		t.Fatalf("kept %+v", l)
	}
	forget := func() error {
		t.Helper()
		l, err := v.Find("acme")
		if err != nil {
			t.Fatal(err)
		}
		return v.Forget(t.Context(), l)
	}
	var store *auth.StoreError
	if err := forget(); !errors.As(err, &store) || !store.InKeyring || !strings.Contains(err.Error(), "may still be in the keyring") || !strings.Contains(store.Hint(), "--force") {
		t.Fatalf("the keyring is down: %v", err)
	}
	ring.down.Store(false)
	if err := forget(); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Get("scim-sync", "id-fickle"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the old token is still in the keyring: %v", err)
	}
	if all, err := v.Logins(); err != nil || len(all) != 0 {
		t.Errorf("known still: %v %v", all, err)
	}
}

// TestCredentialStoreKeepsAndForgets: in the keyring and in files alike, a token comes
// back as it was kept, is found by slug and id, and is gone after Forget.
func TestCredentialStoreKeepsAndForgets(t *testing.T) {
	for name, keys := range map[string]auth.Keyring{"keyring": auth.SystemKeyring(), "file": noRing{}} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			v := auth.NewCredentialStore(dir, keys)
			if _, err := v.Find(""); !attio.Is(err, attio.NotSignedIn) {
				t.Fatalf("an empty store: %v", err)
			}
			end := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			kept, why, err := v.Keep(t.Context(), login("id/../1", "acme"), auth.NewToken("at-0123456789", "rt-0123456789", end))
			if err != nil || string(kept.Kept) != name || (why == "") != (name == "keyring") {
				t.Fatalf("kept %+v %q %v", kept, why, err)
			}
			for _, key := range []string{"", "acme", "ACME", "id/../1"} {
				l, err := v.Find(key)
				if err != nil || l != kept {
					t.Errorf("Find(%q): %+v %v", key, l, err)
				}
			}
			again := auth.NewCredentialStore(dir, keys) // another process
			token, err := again.Token(kept)
			if err != nil || token.Access() != "at-0123456789" || token.Refresh() != "rt-0123456789" || !token.Expires.Equal(end) {
				t.Errorf("got %q %q %v %v", token.Access(), token.Refresh(), token.Expires, err)
			}
			private(t, dir, name == "file")
			if _, err := v.Find("globex"); !attio.Is(err, attio.NotSignedIn) || !strings.Contains(err.Error(), "acme") {
				t.Errorf("another workspace: %v", err)
			}
			if _, _, err := v.Keep(t.Context(), login("id-2", "globex"), auth.NewToken("at-2", "", time.Time{})); err != nil {
				t.Fatal(err)
			}
			var several *auth.AmbiguousError
			if _, err := v.Find(""); !errors.As(err, &several) || !strings.Contains(several.Hint(), "globex") {
				t.Errorf("two workspaces: %v", err)
			}
			if name == "keyring" {
				if err := v.Forget(t.Context(), kept); err != nil {
					t.Fatal(err)
				}
				if _, err := v.Token(kept); !attio.Is(err, attio.NotSignedIn) {
					t.Errorf("after Forget: %v", err)
				}
				if _, err := keyring.Get("scim-sync", "id/../1"); !errors.Is(err, keyring.ErrNotFound) {
					t.Errorf("still in the keyring: %v", err)
				}
			} else if err := v.Forget(t.Context(), kept); err != nil {
				t.Fatal(err)
			}
			if l, err := v.Find(""); err != nil || l.WorkspaceSlug != "globex" {
				t.Errorf("what is left: %+v %v", l, err)
			}
		})
	}
}

// private makes sure that nobody else can read the credential store, and that a token is
// in a file only where it has to be.
func private(t *testing.T, dir string, inFile bool) {
	t.Helper()
	found := false
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			t.Error(err)
			return nil
		}
		info, _ := d.Info()
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), "0123456789") {
			found = true
		}
		return nil
	})
	if found != inFile {
		t.Errorf("a token in a file: %v, want %v", found, inFile)
	}
}

// TestKeyringThatAppears: once there is a keyring, a token moves into it at
// the next sign-in and its file is gone.
func TestKeyringThatAppears(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if _, _, err := auth.NewCredentialStore(dir, noRing{}).Keep(t.Context(), login("id-9", "acme"), auth.NewToken("at-0123456789", "", time.Time{})); err != nil {
		t.Fatal(err)
	}
	kept, _, err := auth.NewCredentialStore(dir, auth.SystemKeyring()).Keep(t.Context(), login("id-9", "acme"), auth.NewToken("at-0123456789", "", time.Time{}))
	if err != nil || kept.Kept != auth.InKeyring {
		t.Fatalf("%+v %v", kept, err)
	}
	private(t, dir, false)
}

// hanging is a keyring whose bus never answers.
type hanging struct{ until chan struct{} }

func (h hanging) Get(string, string) (string, error) { <-h.until; return "", errNoBus }
func (h hanging) Set(string, string, string) error   { <-h.until; return errNoBus }
func (h hanging) Delete(string, string) error        { <-h.until; return errNoBus }

// TestKeyringThatHangs: a D-Bus that does not answer costs three seconds, and
// the token goes into a file.
func TestKeyringThatHangs(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := hanging{until: make(chan struct{})}
		defer close(h.until)
		v := auth.NewCredentialStore(dir, h)
		began := time.Now()
		kept, why, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-0123456789", "", time.Time{}))
		if err != nil || kept.Kept != auth.InFile || !strings.Contains(why, "does not answer") || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %+v %q %v", time.Since(began), kept, why, err)
		}
		kept.Kept = auth.InKeyring
		if _, err := v.Token(kept); !attio.Is(err, attio.NotSignedIn) || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("reading: %v", err)
		}
	})
}

// TestAbandon: with a keyring that is gone a sign-in can be forgotten all the
// same, and the next one takes the place of what the keyring held.
func TestAbandon(t *testing.T) {
	ring := &fickleRing{Keyring: auth.SystemKeyring()}
	v := auth.NewCredentialStore(t.TempDir(), ring)
	l, _, err := v.Keep(t.Context(), login("id-abandon", "acme"), auth.NewToken("at-old-0123456789", "", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	ring.down.Store(true)
	if err := v.Forget(t.Context(), l); err == nil {
		t.Fatal("it was forgotten in a keyring that is down")
	}
	if err := v.Abandon(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if all, err := v.Logins(); err != nil || len(all) != 0 {
		t.Errorf("known still: %v %v", all, err)
	}
	ring.down.Store(false)
	if _, _, err := v.Keep(t.Context(), login("id-abandon", "acme"), auth.NewToken("at-new-0123456789", "", time.Time{})); err != nil {
		t.Fatal(err)
	}
	if text, err := keyring.Get("scim-sync", "id-abandon"); err != nil || strings.Contains(text, "at-old") {
		t.Errorf("the keyring holds %q %v", text, err)
	}
}

// renewing is an Attio that gives refresh tokens, each good for one use.
type renewing struct {
	*httptest.Server
	uses atomic.Int64
	mu   sync.Mutex
	good string // the refresh token that is good now
	down bool
}

func newRenewing(t *testing.T) *renewing {
	r := &renewing{good: "rt-0"}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.down:
			w.WriteHeader(http.StatusServiceUnavailable)
		case q.PostFormValue("refresh_token") != r.good || q.PostFormValue("grant_type") != "refresh_token":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"The refresh token is not valid."}`))
		default:
			r.uses.Add(1)
			r.good += "+"
			_, _ = w.Write([]byte(`{"access_token":"at-new","token_type":"Bearer","expires_in":3600,"refresh_token":"` + r.good + `"}`))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *renewing) client() auth.Client {
	return auth.Client{ClientID: "app-1", ClientSecret: func() string { return secretText }, TokenURL: r.URL, Transport: http.DefaultTransport}
}

// TestRenewedOnce: of many processes and goroutines with one expiring token,
// one uses the refresh token, which is good for one use; the rest take what it
// got, and the new refresh token is kept.
func TestRenewedOnce(t *testing.T) {
	site, dir := newRenewing(t), t.TempDir()
	kept, _, err := auth.NewCredentialStore(dir, noRing{}).Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-old", "rt-0", time.Now().Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		source := auth.NewCredentialStore(dir, noRing{}).Source(kept, site.client(), time.Now)
		for range 3 {
			all.Go(func() {
				if text, err := source.Access(t.Context()); err != nil || text != "at-new" {
					t.Errorf("got %q %v", text, err)
				}
			})
		}
	}
	all.Wait()
	if n := site.uses.Load(); n != 1 {
		t.Errorf("renewed %d times", n)
	}
	token, err := auth.NewCredentialStore(dir, noRing{}).Token(kept)
	if err != nil || token.Refresh() != "rt-0+" || token.Access() != "at-new" || time.Until(token.Expires) < 50*time.Minute {
		t.Errorf("kept %q %q %v %v", token.Access(), token.Refresh(), token.Expires, err)
	}
}

// TestTokensThatEnd: what cannot be renewed is used up to its end and then
// refused with what to do; a renewal that fails for now costs nothing before.
func TestTokensThatEnd(t *testing.T) {
	site := newRenewing(t)
	site.down = true
	now := time.Now()
	for name, c := range map[string]struct {
		refresh string
		left    time.Duration
		want    string
		kind    attio.ErrorKind
	}{
		"no end":                           {left: 0, want: "at-old"},
		"far from its end":                 {left: time.Hour, want: "at-old"},
		"near its end":                     {left: time.Minute, want: "at-old"},
		"over":                             {left: -time.Minute, kind: attio.NotSignedIn},
		"near its end, Attio down":         {refresh: "rt-0", left: time.Minute, want: "at-old"},
		"over, Attio down":                 {refresh: "rt-0", left: -time.Minute, kind: attio.Unavailable},
		"far from its end, with a refresh": {refresh: "rt-0", left: time.Hour, want: "at-old"},
	} {
		t.Run(name, func(t *testing.T) {
			v := auth.NewCredentialStore(t.TempDir(), noRing{})
			var end time.Time
			if c.left != 0 {
				end = now.Add(c.left)
			}
			kept, _, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-old", c.refresh, end))
			if err != nil {
				t.Fatal(err)
			}
			text, err := v.Source(kept, site.client(), func() time.Time { return now }).Access(t.Context())
			if text != c.want || attio.KindOf(err) != c.kind {
				t.Errorf("got %q %v", text, err)
			}
		})
	}
	t.Run("a refresh token that is no good", func(t *testing.T) {
		site.down = false
		v := auth.NewCredentialStore(t.TempDir(), noRing{})
		kept, _, err := v.Keep(t.Context(), login("id-1", "acme"), auth.NewToken("at-old", "rt-stolen", now.Add(time.Minute)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Source(kept, site.client(), time.Now).Access(t.Context()); !attio.Is(err, attio.NotSignedIn) || strings.Contains(err.Error(), "rt-stolen") {
			t.Errorf("got %v", err)
		}
	})
}
