package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"scim-sync/internal/boottime"
	"scim-sync/sync/state"
)

// Timing is how long things last.
type Timing struct {
	Lease    time.Duration // a hold on the lock without renewal
	Poll     time.Duration // between two looks at a lock that seems left
	Pause    time.Duration // before a request is made again
	Patience time.Duration // for what must be there and is not
	Tries    int           // of a request whose answer leaves doubt
	Try      time.Duration // for one request, and more for a large body
}

// Usual is how long they last but in tests.
func Usual() Timing {
	return Timing{Lease: 90 * time.Second, Poll: time.Second, Pause: 250 * time.Millisecond, Patience: 30 * time.Second, Tries: 5, Try: 10 * time.Second}
}

// ChangedError says that somebody else's object is there.
type ChangedError struct {
	place string
	Now   *Object // nil: none is there any more
}

func (e *ChangedError) Error() string { return e.place + " was changed by somebody else" }

// ContradictionError says that the endpoint says two things that cannot both be.
type ContradictionError struct{ Place, Why string }

func (e *ContradictionError) Error() string {
	return fmt.Sprintf("%s: the endpoint contradicts itself: %s", e.Place, e.Why)
}

// Hint says what to do about it.
func (e *ContradictionError) Hint() string {
	return "Look whether all nodes of the server are up and agree (one that has just started may not know its objects yet), and run this again. scim-sync doctor asks the server what it can do."
}

// Bucket is asked until what became of a request is known.
type Bucket struct {
	*client
	Timing
	Elapsed func() time.Duration // a clock that nobody sets and that goes on while the machine sleeps
}

// Open reads the address of a location, and asks nothing. replaced names the
// objects that are replaced under their ETag. Error: *state.LocationError.
func Open(at state.Location, t Timing, replaced ...string) (*Bucket, error) {
	a, err := parse(at, at.Environ)
	if err != nil {
		return nil, err
	}
	t.Lease = cmp.Or(at.Lease, t.Lease)
	b := &Bucket{client: newClient(a, at, t.Try, replaced), Timing: t, Elapsed: at.Elapsed}
	if b.Elapsed == nil {
		b.Elapsed = boottime.Clock()
	}
	return b, nil
}

// Wait pauses, a little longer each time.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the state: %w", context.Cause(ctx))
	}
}

// Read reads an object; what does not fit its checksum, or was not answered, is
// read again. nil: there is none.
func (b *Bucket) Read(ctx context.Context, name string) (*Object, error) {
	for n := 1; ; n++ {
		o, err := b.Get(ctx, name)
		if err == nil || ctx.Err() != nil {
			return o, err
		}
		unfit, half := errors.AsType[*UnfitError](err)
		e, asked := errors.AsType[*Error](err)
		if !half && (!asked || !e.unsure()) || n == b.Tries {
			if half {
				err = b.Broken(name, unfit.why)
			}
			return nil, err
		}
		if err := Wait(ctx, time.Duration(n)*b.Pause); err != nil {
			return nil, err
		}
	}
}

// Again makes a request that does no harm when it is made twice, until it is answered.
func (b *Bucket) Again(ctx context.Context, request func() error) error {
	for n := 1; ; n++ {
		err := request()
		e, asked := errors.AsType[*Error](err)
		if err == nil || !asked || !e.unsure() || n == b.Tries || ctx.Err() != nil {
			return err
		}
		if err := Wait(ctx, time.Duration(n)*b.Pause); err != nil {
			return err
		}
	}
}

// List gives the names below the folder, and after the name, in order.
func (b *Bucket) List(ctx context.Context, folder, after string) (names []string, err error) {
	err = b.Again(ctx, func() error {
		names, err = b.list(ctx, folder, after)
		return err
	})
	return names, err
}

// Write writes an object where match is what it replaces, as that of
// [client.Put], and finds out what became of it where the answer leaves doubt.
// mine says whose objects are this writer's own: one that a former try of it
// left there is replaced. It gives the ETag. Error: *ChangedError.
func (b *Bucket) Write(ctx context.Context, name string, h Head, content []byte, match string, mine func(nonce string) bool) (string, error) {
	raw := h.seal(content)
	var err error
	until := b.Elapsed() + b.Lease // then the hold is over, in which it may be written
	for n := 0; n < b.Tries && b.Elapsed() < until; n++ {
		if n > 0 {
			if err := Wait(ctx, time.Duration(n)*b.Pause); err != nil {
				return "", err
			}
		}
		info, failed := b.Put(ctx, name, raw, match)
		if failed == nil {
			return info.ETag, nil
		}
		err = failed
		e, asked := errors.AsType[*Error](failed)
		gone := asked && e.Status == http.StatusNotFound && e.Code == "NoSuchKey" && match != ""
		if !asked || !e.unsure() && !gone || ctx.Err() != nil {
			return "", err
		}
		if match == Anything {
			continue
		}
		there, unread := b.Get(ctx, name)
		switch {
		case unread != nil: // it is still in doubt
		case there != nil && there.Nonce == h.Nonce:
			return there.ETag, nil
		case there != nil && there.ETag == match: // not done yet
		case there != nil && mine(there.Nonce):
			match = there.ETag
		case there == nil && match == "" && e.Status == http.StatusPreconditionFailed:
			return "", &ContradictionError{b.Place(name), "it refuses to write what is there already (412), and then has nothing there (404)"}
		case there == nil && match == "":
		default:
			return "", &ChangedError{b.Place(name), there}
		}
	}
	return "", err
}

// Nobody is the mine of who has written nothing before.
func Nobody(string) bool { return false }

// Place is where the object is, for messages.
func (b *Bucket) Place(name string) string { return b.String() + "/" + name }

// Broken says that an object is not what was written.
func (b *Bucket) Broken(name, why string) error {
	return &state.CorruptError{Place: b.Place(name), Why: why,
		WayBack: "nothing is guessed: put a whole one back from a backup or a former version of the object; what is below journal/, state.json and lock.json belong together"}
}

// Insist reads an object again until it is as it must be, or for as long as
// patience lasts; it gives what was there last.
func (b *Bucket) Insist(ctx context.Context, name string, fits func(*Object) bool) (*Object, error) {
	until := b.Elapsed() + b.Patience
	for {
		o, err := b.Read(ctx, name)
		if err != nil || fits(o) || b.Elapsed() >= until {
			return o, err
		}
		if err := Wait(ctx, b.Poll); err != nil {
			return nil, err
		}
	}
}

// RemoveAll deletes objects; one that is not there is no error.
func (b *Bucket) RemoveAll(ctx context.Context, names []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(32) // a run waits for these at its end
	for _, name := range names {
		g.Go(func() error { return b.Again(ctx, func() error { return b.remove(ctx, name) }) })
	}
	return g.Wait()
}
