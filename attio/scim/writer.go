package scim

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/redact"
	"scim-sync/internal/transport"
)

// Writer implements attio.Writer. It reads through the Reader it was made with
// and writes through a client of its own.
type Writer struct {
	read   *Reader
	client client
	slots  chan struct{} // one for each write in flight
	held   func() error  // nil: nothing takes the right to write away
	settle time.Duration
}

var _ attio.Writer = (*Writer)(nil)

// NewWriter makes a Writer beside a Reader of the same workspace. The error
// says which option is wrong.
func NewWriter(r *Reader, o Options) (*Writer, error) {
	if r == nil {
		return nil, errors.New("attio/scim: a writer needs a reader")
	}
	o, api, scim, err := o.checked()
	if err != nil {
		return nil, err
	}
	if *api != *r.client.api || *scim != *r.client.scim {
		return nil, errors.New("attio/scim: reader and writer must have the same addresses")
	}
	back := r.While(o.Held)
	back.slots = make(chan struct{}, o.Writes) // what is read back waits for no reading of the whole workspace
	return &Writer{read: back, client: client{rt: o.Transport, token: o.Token, api: api, scim: scim, secrets: new(redact.Secrets), waits: o.Waits}, slots: make(chan struct{}, o.Writes), held: o.Held, settle: o.Settle}, nil
}

// change is one write under way: its clock, and what its receipt will say.
type change struct {
	w       *Writer
	began   time.Time
	receipt attio.Receipt
	left    bool // a request of it has left
}

func (w *Writer) begin() *change { return &change{w: w, began: time.Now()} }

// done closes the receipt.
func (c *change) done() attio.Receipt {
	c.receipt.Took = time.Since(c.began)
	return c.receipt
}

// found closes the receipt of a write whose answer was lost.
func (c *change) found() attio.Receipt {
	c.receipt.Status, c.receipt.Found = 0, true
	return c.done()
}

// send makes one request, when there is a slot for it, and keeps its outcome for
// the receipt. Once a request of the change has left, the change is no longer one
// that had no effect.
func (c *change) send(ctx context.Context, k call) (a answer, err error) {
	k.root = c.w.client.scim
	if leaves := c.w.leaves(ctx); leaves != nil {
		ctx = transport.WithCallOptions(ctx, transport.CallOptions{Leaves: leaves})
	}
	if err = c.w.slot(ctx); err == nil {
		a, err = c.w.client.do(ctx, k)
		<-c.w.slots
	} else {
		err = &attio.Error{Kind: attio.Unavailable, Op: k.op, Subject: k.subject, Err: err, Unsent: true}
	}
	c.receipt.Status, c.receipt.RequestID = a.status, a.requestID
	e, failed := errors.AsType[*attio.Error](err)
	if failed {
		c.receipt.Status, c.receipt.RequestID = e.Status, e.RequestID
		e.Unsent = e.Unsent && !c.left
	}
	c.left = c.left || !failed || !e.Unsent
	return a, err
}

// leaves is what is asked before a request leaves: the caller's last look, and then
// whether the right to write is still there.
func (w *Writer) leaves(ctx context.Context) func(context.Context) error {
	last := attio.LastLook(ctx)
	if w.held == nil {
		return last
	}
	return func(ctx context.Context) error {
		if last != nil {
			if err := last(ctx); err != nil {
				return err
			}
		}
		return w.held()
	}
}

// slot waits until another write may leave.
func (w *Writer) slot(ctx context.Context) error {
	waits := w.client.waits
	if waits == nil {
		waits = ctx
	}
	if waits.Err() != nil {
		return context.Cause(waits)
	}
	select {
	case w.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-waits.Done():
		return context.Cause(waits)
	}
}

// unchanged is the error of an answer 2xx that had no effect.
func (c *change) unchanged(k call) error {
	return &attio.Error{Kind: attio.Refused, Op: k.op, Subject: k.subject, Status: c.receipt.Status, RequestID: c.receipt.RequestID,
		Detail: "answered " + strconv.Itoa(c.receipt.Status) + " and changed nothing", Hint: hint(attio.Refused)}
}

// notMade is the error of a creation that was answered 2xx and made nothing.
func (c *change) notMade(k call, what string) error {
	return &attio.Error{Kind: attio.NotMade, Op: k.op, Subject: k.subject, Status: c.receipt.Status, RequestID: c.receipt.RequestID,
		Detail: "Attio answered well, but there is no such " + what + " afterwards", Hint: hint(attio.NotMade)}
}

// refused is the error of a request that is not even made.
func refused(op, subject, detail string) error {
	return &attio.Error{Kind: attio.Refused, Op: op, Subject: subject, Detail: detail}
}

// accepted says that the last answer was 2xx.
func (c *change) accepted() bool {
	return c.receipt.Status >= http.StatusOK && c.receipt.Status < http.StatusMultipleChoices
}
