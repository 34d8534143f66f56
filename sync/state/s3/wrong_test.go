package s3_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"scim-sync/internal/s3test"
	"scim-sync/sync/state"
	"scim-sync/sync/state/s3"
)

// TestAddress: what an address may say, and what is wrong with one, without
// repeating it.
func TestAddress(t *testing.T) {
	for address, want := range map[string]string{
		"s3://b/p?region=eu-central-1":                           "",
		"s3://b/deep/er/p?region=eu&sse=AES256&path_style=false": "",
		"s3://b/p?region=eu&sse=aws:kms:arn:aws:kms:eu:1:key/2":  "",
		"s3://b/p?endpoint=https://minio.acme.example:9000":      "",
		"s3://b/p?endpoint=http://127.0.0.1:9000":                "",
		"s3://b/p?endpoint=http://minio:9000&insecure_http=true": "",
		"s3://b/p":                                    "names no region",
		"s3://b":                                      "needs a bucket and a prefix",
		"s3:///p":                                     "needs a bucket and a prefix",
		"s3://hunter22:hunter22@b/p?region=eu":        "holds a user",
		"s3://b/p?region=eu&secret_key=hunter22":      `"secret_key" is no parameter`,
		"s3://b/p?region=eu&region=us":                "more than once",
		"s3://b/p?endpoint=http://minio:9000":         "must be https",
		"s3://b/p?endpoint=ftp://minio":               "must begin with https://",
		"s3://b/p?endpoint=https://me:hunter22@minio": "scheme and host alone",
		"s3://b/p?region=eu&path_style=maybe":         "true or false",
		"s3://b/p?region=eu&sse=rot13":                "sse is AES256",
	} {
		_, err := s3.Open(t.Context(), state.Location{URL: address})
		var bad *state.LocationError
		if want == "" && err != nil || want != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter22")) {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if _, err := s3.Open(t.Context(), state.Location{URL: "s3://b/p", Environ: []string{"AWS_REGION=eu-central-1"}}); err != nil {
		t.Errorf("with a region in the environment: %v", err)
	}
}

// TestWhatIsWrongIsSaid: where, why and what to do; never a secret.
func TestWhatIsWrongIsSaid(t *testing.T) {
	p := newPlace(t)
	always := func(status int, code string) func(*http.Request, send) (*http.Response, error) {
		return func(r *http.Request, _ send) (*http.Response, error) { return answer(r, status, code), nil }
	}
	changed := func(old, now string) func(*state.Location) {
		return func(at *state.Location) {
			at.URL = strings.ReplaceAll(at.URL, old, now)
			at.Environ = slices.Clone(at.Environ)
			for i := range at.Environ {
				at.Environ[i] = strings.ReplaceAll(at.Environ[i], old, now)
			}
		}
	}
	const wrong = "s3test-hunter22-that-is-wrong"
	for what, c := range map[string]struct {
		change func(*state.Location)
		spoil  func(*http.Request, send) (*http.Response, error)
		want   string // in the error
		hint   string
	}{
		"endpoint down":  {changed(strings.TrimPrefix(p.server.Endpoint, "http://"), "127.0.0.1:1"), nil, "connection refused", "up and reached"},
		"no such bucket": {changed(p.bucket, "no-such-bucket-here"), nil, "no such bucket", "never made by itself"},
		"unknown key":    {changed(s3test.AccessKey, "AKIANOBODY"), nil, "does not know the key", "AWS_ACCESS_KEY_ID"},
		"wrong secret":   {changed(s3test.SecretKey, wrong), nil, "secret key is wrong", "AWS_SECRET_ACCESS_KEY"},
		"no keys": {func(at *state.Location) {
			at.Environ = []string{"AWS_EC2_METADATA_DISABLED=true", "HOME=" + t.TempDir()}
		}, nil, "no keys", "without keys are never sent"},
		"skewed clock":      {nil, always(403, "RequestTimeTooSkewed"), "clocks", "timedatectl"},
		"no rights":         {nil, always(403, "AccessDenied"), "no right to read", "s3:GetObject"},
		"another region":    {nil, always(400, "AuthorizationHeaderMalformed"), "another region", "region="},
		"session over":      {nil, always(400, "ExpiredToken"), "run out", "new ones"},
		"packed on the way": {nil, packed, "packed", "gzip"},
		"weak ETag":         {nil, weakTag, "ETag", "as they are"},
		"full": {nil, func(r *http.Request, do send) (*http.Response, error) {
			if r.Method == http.MethodPut {
				return answer(r, 507, "XMinioStorageFull"), nil
			}
			return do()
		}, "no room", "some room"},
		"contradiction": {nil, func(r *http.Request, do send) (*http.Response, error) {
			switch {
			case r.Method == http.MethodPut:
				return answer(r, 412, "PreconditionFailed"), nil
			case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "lock.json"):
				return answer(r, 404, "NoSuchKey"), nil
			}
			return do()
		}, "contradicts itself", "nodes"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := place{t, p.url, p.server, p.bucket}
			if what == "packed on the way" || what == "weak ETag" {
				p = newPlace(t)
				p.ok(p.lock(p.machine(longLease, nil), "one").Release(t.Context()))
			}
			at := p.location()
			if c.change != nil {
				c.change(&at)
			}
			b, err := s3.OpenFor(at, longLease, (&line{spoil: c.spoil}).wrap)
			p.ok(err)
			_, err = b.Lock(t.Context(), state.Holder{RunID: "one"})
			var hint interface{ Hint() string }
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &hint) || !strings.Contains(hint.Hint(), c.hint) {
				t.Fatalf("got %v\n%+v", err, hint)
			}
			for _, secret := range []string{wrong, s3test.SecretKey} {
				if strings.Contains(err.Error()+hint.Hint(), secret) {
					t.Errorf("it tells the secret: %v", err)
				}
			}
		})
	}
}

func packed(r *http.Request, do send) (*http.Response, error) {
	resp, err := do()
	if err == nil && r.Method == http.MethodGet {
		resp.Header.Set("Content-Encoding", "gzip")
	}
	return resp, err
}

func weakTag(r *http.Request, do send) (*http.Response, error) {
	resp, err := do()
	if err == nil && resp.Header.Get("ETag") != "" {
		resp.Header.Set("ETag", "W/"+resp.Header.Get("ETag"))
	}
	return resp, err
}

// TestStoreThatFillsUp: what was told durable stays, and the next run goes on.
func TestStoreThatFillsUp(t *testing.T) {
	p := newPlace(t)
	l := &line{}
	b := p.machine(longLease, l)
	s := &tape{place: p, w: p.lock(b, "one")}
	p.ok(s.put("run", "intent"))
	l.set(func(r *http.Request, do send) (*http.Response, error) {
		if r.Method == http.MethodPut {
			return answer(r, 507, "XMinioStorageFull"), nil
		}
		return do()
	})
	told := s.told
	err := s.put("outcome", "more")
	if err == nil || errors.Is(err, state.ErrLost) || !strings.Contains(err.Error(), "no room") {
		t.Errorf("got %v", err)
	}
	var away *state.UnreachableError
	var refused *state.RefusedError
	if errors.As(err, &away) || errors.As(err, &refused) {
		t.Errorf("a full disk neither passes nor is a setting: %v, %v", away, refused)
	}
	if err := s.w.Release(t.Context()); err == nil {
		t.Error("the lock is free, though nothing could be written")
	}
	if got := p.text(p.heir().b); got != told {
		t.Errorf("told:\n%sthere is:\n%s", told, got)
	}
}

// TestStateThatIsMissing: once one was written, none is never taken for the first
// run; an older one is brought up to now by the journal.
func TestStateThatIsMissing(t *testing.T) {
	p := newPlace(t)
	p.run(nil, "one", bind(p))
	file := filepath.Join(p.server.Root, p.bucket, "acme", "prod", "state.json")
	old := p.object("state.json")
	p.run(nil, "two", write(p))
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	var corrupt *state.CorruptError
	if _, _, _, err := state.New(p.machine(longLease, nil), state.Options{}).Read(t.Context()); !errors.As(err, &corrupt) || !strings.Contains(err.Error(), "serial 2 was written") {
		t.Errorf("without it, it reads %v", err)
	}
	if _, err := p.begin("three"); !errors.As(err, &corrupt) {
		t.Errorf("without it, a run begins: %v", err)
	}
	p.restore("state.json", old)
	p.run(nil, "four", write(p))
	v, err := state.New(p.machine(longLease, nil), state.Options{}).Verify(t.Context())
	p.ok(err)
	if v.Bad != nil {
		t.Errorf("after an old one was put back: %+v", v.Bad)
	}
}

// TestLockThatIsMissing: the journal is found again without it.
func TestLockThatIsMissing(t *testing.T) {
	p := newPlace(t)
	for _, id := range []string{"one", "two", "three"} {
		p.run(nil, id, func(r *state.Run) { bind(p)(r); write(p)(r) })
	}
	before := p.text(p.machine(longLease, nil))
	if err := os.Remove(filepath.Join(p.server.Root, p.bucket, "acme", "prod", "lock.json")); err != nil {
		t.Fatal(err)
	}
	if got := p.text(p.machine(longLease, nil)); got != before {
		t.Errorf("it was\n%sand is\n%s", before, got)
	}
	p.run(nil, "four", write(p))
	if got := p.text(p.machine(longLease, nil)); !strings.HasPrefix(got, before) || len(got) == len(before) {
		t.Errorf("it was\n%sand is\n%s", before, got)
	}
}

// TestProbe: a good endpoint is found good, and one that takes no notice of
// conditions is named.
func TestProbe(t *testing.T) {
	p := newPlace(t)
	good := p.machine(longLease, nil).Probe(t.Context())
	if good.Reach != nil || good.Write != nil || good.Lock != nil || len(good.Notes) > 0 {
		t.Errorf("got %+v", good)
	}
	if names := objects(p); len(names) > 0 {
		t.Errorf("it left %v", names)
	}
	for what, c := range map[string]struct {
		header string
		want   string
	}{
		"no If-None-Match": {"If-None-Match", "If-None-Match: two runs"},
		"no If-Match":      {"If-Match", "If-Match: a run"},
	} {
		deaf := &line{spoil: func(r *http.Request, do send) (*http.Response, error) {
			asked := r.Header.Get(c.header) != ""
			resp, err := do()
			if err == nil && r.Method == http.MethodPut && asked && resp.StatusCode == http.StatusPreconditionFailed {
				resp.StatusCode = http.StatusOK
				resp.Header.Set("ETag", `"00000000000000000000000000000000"`)
			}
			return resp, err
		}}
		got := p.machine(longLease, deaf).Probe(t.Context())
		if got.Write == nil || !strings.Contains(got.Write.Error(), c.want) {
			t.Errorf("%s: got %+v", what, got)
		}
	}
	none := p.location()
	none.URL = strings.ReplaceAll(none.URL, p.bucket, "no-such-bucket-here")
	b, err := s3.OpenFor(none, longLease, nil)
	p.ok(err)
	if got := b.Probe(t.Context()); got.Reach == nil {
		t.Errorf("without a bucket: %+v", got)
	}
}

func (p place) begin(id string) (*state.Run, error) {
	return state.New(p.machine(longLease, nil), state.Options{}).Begin(context.WithoutCancel(p.Context()), state.RunInfo{RunID: id, Now: now})
}

// TestObjectThatIsNotSeenForAWhile: a node that has just started says 404 for what
// others have; it is asked again.
func TestObjectThatIsNotSeenForAWhile(t *testing.T) {
	p := newPlace(t)
	p.run(nil, "one", bind(p))
	var blind atomic.Int64
	l := &line{spoil: func(r *http.Request, do send) (*http.Response, error) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "state.json") && blind.Add(1) <= 3 {
			return answer(r, 404, "NoSuchKey"), nil
		}
		return do()
	}}
	m, _, _, err := state.New(p.machine(longLease, l), state.Options{}).Read(t.Context())
	if err != nil || m.WorkspaceID != "ws" || blind.Load() < 4 {
		t.Errorf("it manages %+v after %d looks, %v", m, blind.Load(), err)
	}
}

// TestEncryptionIsAskedFor: of each object that is written.
func TestEncryptionIsAskedFor(t *testing.T) {
	p := newPlace(t)
	at := p.location()
	at.URL += "&sse=aws:kms:key-1"
	var asked http.Header
	b, err := s3.OpenFor(at, longLease, (&line{spoil: func(r *http.Request, do send) (*http.Response, error) {
		if r.Method == http.MethodPut {
			asked = r.Header.Clone()
			return answer(r, 403, "AccessDenied"), nil
		}
		return do()
	}}).wrap)
	p.ok(err)
	if _, err := b.Lock(t.Context(), state.Holder{}); err == nil {
		t.Error("it holds the lock")
	}
	if asked.Get("X-Amz-Server-Side-Encryption") != "aws:kms" || asked.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") != "key-1" {
		t.Errorf("it asked %v", asked)
	}
}
