package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/lifecycle"

	"scim-sync/sync/state"
)

// Probe asks the endpoint whether it keeps the promises that the lock rests on,
// with objects of random names that it deletes again. What it cannot see: two
// servers on one drive, a gateway that acknowledges what it only holds in
// memory, a proxy that sends a request twice.
func (b *Bucket) Probe(ctx context.Context) state.Probe {
	q := &questions{b: b, name: "probe-" + NewID()}
	err := q.ask(ctx)
	return state.Probe{Place: b.String(), Write: err, Notes: q.notes, Server: q.server, Ahead: q.ahead}
}

// promiseError says which promise an endpoint breaks.
type promiseError struct{ host, why string }

func (e *promiseError) Error() string { return e.host + " cannot keep a state safely: " + e.why }

// Hint says what to do about it.
func (e *promiseError) Hint() string {
	return "Keep the state on a server that answers conditional requests as Amazon's documents say, or in a file or PostgreSQL."
}

// As makes it what the settings have to change: the store is the wrong one.
func (e *promiseError) As(target any) bool {
	to, ok := target.(**state.RefusedError)
	if ok {
		*to = &state.RefusedError{Place: e.host, Why: e.why, WayOn: e.Hint()}
	}
	return ok
}

// questions are what a probe asks.
type questions struct {
	b     *Bucket
	name  string
	notes []string
	// server and ahead are as in [state.Probe].
	server string
	ahead  time.Duration
	etag   string // of the object as it is now
	raw    []byte
}

func (q *questions) fails(why string, args ...any) error {
	return &promiseError{q.b.endpoint, fmt.Sprintf(why, args...)}
}

func (q *questions) ask(ctx context.Context) error {
	steps := []func(context.Context) error{q.fresh, q.same, q.conditions, q.nothing, q.race, q.deleted, q.lists, q.unsigned, q.expiry}
	var err error
	for _, step := range steps {
		if err = step(ctx); err != nil {
			break
		}
	}
	gone := q.b.remove(context.WithoutCancel(ctx), q.name)
	if err == nil {
		err = gone
	}
	return err
}

func (q *questions) body() []byte {
	return Head{Nonce: NewID()}.seal([]byte("a probe of scim-sync doctor\n"))
}

// put gives the status of a PUT that was answered; 200 also keeps what it wrote.
func (q *questions) put(ctx context.Context, name, match string) (status int, err error) {
	raw := q.body()
	info, err := q.b.Put(ctx, name, raw, match)
	if err == nil {
		if name == q.name {
			q.etag, q.raw = info.ETag, raw
		}
		if info.ExpirationRuleID != "" {
			return http.StatusOK, q.fails("its lifecycle rule %.64q would delete the state on %s", info.ExpirationRuleID, info.Expiration.Format("2006-01-02"))
		}
		return http.StatusOK, nil
	}
	if e, ok := errors.AsType[*Error](err); ok && (e.Status == http.StatusPreconditionFailed || e.Status == http.StatusConflict || e.Status == http.StatusNotFound && e.Code == "NoSuchKey") {
		return e.Status, nil
	}
	return 0, err
}

func (q *questions) fresh(ctx context.Context) error {
	status, err := q.put(ctx, q.name, "")
	if err == nil && status != http.StatusOK {
		err = q.fails("it refuses a new object under If-None-Match: * (%d)", status)
	}
	if err != nil {
		return err
	}
	status, err = q.put(ctx, q.name, "")
	if err == nil && status == http.StatusOK {
		err = q.fails("it takes no notice of If-None-Match: two runs would both hold the lock")
	}
	return err
}

// same reads what was written.
func (q *questions) same(ctx context.Context) error {
	o, err := q.b.Get(ctx, q.name)
	switch {
	case err != nil:
		return err
	case o == nil:
		return q.fails("an object that was just written is not there")
	case o.ETag != q.etag:
		return q.fails("reading gives the ETag %.64s, and writing gave %.64s", o.ETag, q.etag)
	case !bytes.HasSuffix(q.raw, o.Content):
		return q.fails("an object that was just written reads otherwise")
	}
	q.server = o.server
	if !o.Date.IsZero() {
		q.ahead = time.Until(o.Date)
	}
	return nil
}

func (q *questions) conditions(ctx context.Context) error {
	old := q.etag
	status, err := q.put(ctx, q.name, old)
	if err == nil && status != http.StatusOK {
		err = q.fails("it refuses to replace an object under its own ETag (%d)", status)
	}
	if err != nil {
		return err
	}
	now := q.etag
	if status, err = q.put(ctx, q.name, old); err == nil && status == http.StatusOK {
		err = q.fails("it takes no notice of If-Match: a run that lost the lock would go on writing")
	}
	if err != nil {
		return err
	}
	if err = q.same(ctx); err == nil && q.etag != now {
		err = q.fails("a refused request has changed the object")
	}
	return err
}

func (q *questions) nothing(ctx context.Context) error {
	name := q.name + "-none"
	status, err := q.put(ctx, name, q.etag)
	if err != nil {
		return err
	}
	o, err := q.b.Get(ctx, name)
	if status == http.StatusOK || o != nil {
		return errors.Join(q.fails("it makes an object under the ETag of one that is not there"), q.b.remove(ctx, name))
	}
	return err
}

// race lets eight write at once, five times.
func (q *questions) race(ctx context.Context) error {
	for range 5 {
		var wg sync.WaitGroup
		var mu sync.Mutex
		var won []string
		var failed error
		for range 8 {
			wg.Go(func() {
				info, err := q.b.Put(ctx, q.name, q.body(), q.etag)
				e, asked := errors.AsType[*Error](err)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won = append(won, info.ETag)
				case !asked || !e.unsure():
					failed = err
				}
			})
		}
		wg.Wait()
		if failed != nil {
			return failed
		}
		if len(won) > 1 {
			return q.fails("of eight that wrote at once under one ETag, %d were told that they succeeded", len(won))
		}
		o, err := q.b.Read(ctx, q.name)
		if err != nil {
			return err
		}
		if o == nil {
			return q.fails("an object that was just written is not there")
		}
		q.etag = o.ETag
	}
	return nil
}

func (q *questions) deleted(ctx context.Context) error {
	if err := q.b.remove(ctx, q.name); err != nil {
		return err
	}
	status, err := q.put(ctx, q.name, "")
	if err == nil && status != http.StatusOK {
		err = q.fails("the bucket is versioned with faulty delete markers: an object that was deleted cannot be made again (%d)", status)
	}
	return err
}

func (q *questions) lists(ctx context.Context) error {
	names, err := q.b.list(ctx, q.name, "")
	if err == nil && (len(names) != 1 || names[0] != q.name) {
		err = q.fails("an object that was just written is not listed")
	}
	return err
}

// unsigned asks as anybody could.
func (q *questions) unsigned(ctx context.Context) error {
	core, err := q.b.clientWith(credentials.NewStatic("", "", "", credentials.SignatureAnonymous), q.b.base())
	if err != nil {
		return err
	}
	ctx, cancel := q.b.within(ctx, 0)
	defer cancel()
	body, _, _, err := core.GetObject(ctx, q.b.bucket, q.b.key(q.name), minio.GetObjectOptions{})
	if err != nil {
		return nil //nolint:nilerr // that is the right answer
	}
	q.notes = append(q.notes, "anybody may read the bucket without keys, and the state holds people's addresses: forbid it")
	return body.Close()
}

// expiry looks for a lifecycle rule; who may not look at them is not told of one.
func (q *questions) expiry(ctx context.Context) error {
	core, err := q.b.connect()
	if err != nil {
		return err
	}
	ctx, cancel := q.b.within(ctx, 0)
	defer cancel()
	rules, err := core.GetBucketLifecycle(ctx, q.b.bucket)
	if err != nil || rules == nil {
		return nil //nolint:nilerr // none, not known there, or not for this key
	}
	for _, r := range rules.Rules {
		if deletes(r, q.b.prefix+"/") {
			return q.fails("the lifecycle rule %.64q of the bucket would delete the state", r.ID)
		}
	}
	return nil
}

// deletes says whether a rule makes objects below the prefix disappear.
func deletes(r lifecycle.Rule, prefix string) bool {
	f := r.RuleFilter
	if !strings.EqualFold(r.Status, "enabled") || r.Expiration.IsNull() || !f.Tag.IsEmpty() || len(f.And.Tags) > 0 {
		return false
	}
	for _, p := range []string{r.Prefix, f.Prefix, f.And.Prefix} {
		if !strings.HasPrefix(prefix, p) && !strings.HasPrefix(p, prefix) {
			return false
		}
	}
	return r.Expiration.Days > 0 || !r.Expiration.Date.IsZero()
}
