package scim

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"scim-sync/attio"
	"scim-sync/internal/redact"
)

// Writer implements attio.Writer. It reads through the Reader it was made with
// and writes through a client of its own.
type Writer struct {
	read   *Reader
	client client
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
	return &Writer{read: r, client: client{rt: o.Transport, token: o.Token, api: api, scim: scim, secrets: new(redact.Secrets), waits: o.Waits}, settle: o.Settle}, nil
}

// change is one write under way: its clock, and what its receipt will say.
type change struct {
	w       *Writer
	began   time.Time
	receipt attio.Receipt
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

// send makes one request and keeps its outcome for the receipt.
func (c *change) send(ctx context.Context, k call) (answer, error) {
	k.root = c.w.client.scim
	a, err := c.w.client.do(ctx, k)
	c.receipt.Status, c.receipt.RequestID = a.status, a.requestID
	if e, ok := errors.AsType[*attio.Error](err); ok {
		c.receipt.Status, c.receipt.RequestID = e.Status, e.RequestID
	}
	return a, err
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
