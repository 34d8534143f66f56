package s3

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

// timing is how long things last.
type timing struct {
	lease    time.Duration // a hold on the lock without renewal
	poll     time.Duration // between two looks at a lock that seems left
	pause    time.Duration // before a request is made again
	patience time.Duration // for what must be there and is not
	tries    int           // of a request whose answer leaves doubt
}

func usualTiming() timing {
	return timing{lease: 90 * time.Second, poll: time.Second, pause: 250 * time.Millisecond, patience: 30 * time.Second, tries: 5}
}

// fewTimes is how often something is begun anew after somebody else has changed
// what it was about.
const fewTimes = 5

// changedError says that somebody else's object is there.
type changedError struct {
	place string
	now   *object // nil: none is there any more
}

func (e *changedError) Error() string { return e.place + " was changed by somebody else" }

// contradictionError says that the endpoint says two things that cannot both be.
type contradictionError struct{ place, why string }

func (e *contradictionError) Error() string {
	return fmt.Sprintf("%s: the endpoint contradicts itself: %s", e.place, e.why)
}

// Hint says what to do about it.
func (e *contradictionError) Hint() string {
	return "Look whether all nodes of the server are up and agree (one that has just started may not know its objects yet), and run this again. scim-sync doctor asks the server what it can do."
}

// wait pauses, a little longer each time.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the state: %w", context.Cause(ctx))
	}
}

// read reads an object; what does not fit its checksum, or was not answered, is
// read again. nil: there is none.
func (b *Backend) read(ctx context.Context, name string) (*object, error) {
	for n := 1; ; n++ {
		o, err := b.at.get(ctx, name)
		if err == nil || ctx.Err() != nil {
			return o, err
		}
		unfit, half := errors.AsType[*unfitError](err)
		e, asked := errors.AsType[*Error](err)
		if !half && (!asked || !e.unsure()) || n == b.time.tries {
			if half {
				err = b.broken(name, unfit.why)
			}
			return nil, err
		}
		if err := wait(ctx, time.Duration(n)*b.time.pause); err != nil {
			return nil, err
		}
	}
}

// again makes a request that does no harm when it is made twice, until it is answered.
func (b *Backend) again(ctx context.Context, request func() error) error {
	for n := 1; ; n++ {
		err := request()
		e, asked := errors.AsType[*Error](err)
		if err == nil || !asked || !e.unsure() || n == b.time.tries || ctx.Err() != nil {
			return err
		}
		if err := wait(ctx, time.Duration(n)*b.time.pause); err != nil {
			return err
		}
	}
}

// list gives the names below the folder, and after the name, in order.
func (b *Backend) list(ctx context.Context, folder, after string) (names []string, err error) {
	err = b.again(ctx, func() error {
		names, err = b.at.list(ctx, folder, after)
		return err
	})
	return names, err
}

// write writes an object where match is what it replaces, as that of
// [bucket.put], and finds out what became of it where the answer leaves doubt.
// mine says whose objects are this writer's own: one that a former try of it
// left there is replaced. It gives the ETag. Error: *changedError.
func (b *Backend) write(ctx context.Context, name string, h head, content []byte, match string, mine func(nonce string) bool) (string, error) {
	raw := h.seal(content)
	var err error
	until := b.elapsed() + b.time.lease // then the hold is over, in which it may be written
	for n := 0; n < b.time.tries && b.elapsed() < until; n++ {
		if n > 0 {
			if err := wait(ctx, time.Duration(n)*b.time.pause); err != nil {
				return "", err
			}
		}
		info, failed := b.at.put(ctx, name, raw, match)
		if failed == nil {
			return info.ETag, nil
		}
		err = failed
		e, asked := errors.AsType[*Error](failed)
		gone := asked && e.status(http.StatusNotFound) && e.Code == "NoSuchKey" && match != ""
		if !asked || !e.unsure() && !gone || ctx.Err() != nil {
			return "", err
		}
		if match == anything {
			continue
		}
		there, unread := b.at.get(ctx, name)
		switch {
		case unread != nil: // it is still in doubt
		case there != nil && there.Nonce == h.Nonce:
			return there.etag, nil
		case there != nil && there.etag == match: // not done yet
		case there != nil && mine(there.Nonce):
			match = there.etag
		case there == nil && match == "" && e.status(http.StatusPreconditionFailed):
			return "", &contradictionError{b.place(name), "it refuses to write what is there already (412), and then has nothing there (404)"}
		case there == nil && match == "":
		default:
			return "", &changedError{b.place(name), there}
		}
	}
	return "", err
}

// nobody is the mine of who has written nothing before.
func nobody(string) bool { return false }

func (b *Backend) place(name string) string { return b.at.place() + "/" + name }
