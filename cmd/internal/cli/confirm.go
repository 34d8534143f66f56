package cli

import (
	"context"
	"strings"

	"scim-sync/cmd/view"
)

// Declined is how what would write ends when nobody agreed to it.
const Declined = "the answer was not yes; nothing was written"

// DeclinedError is a question that was not answered by yes. Nobody: by nothing at
// all, as where the terminal is gone.
type DeclinedError struct {
	Text   string
	Nobody bool
}

func (e *DeclinedError) Error() string { return e.Text }

// Declined says that this is somebody's answer, and no failure.
func (e *DeclinedError) Declined() bool { return true }

// Confirm asks a question that only yes answers; any other answer is a
// *DeclinedError of that text.
func (p *Program) Confirm(ctx context.Context, question, declined string) error {
	if err := view.Ask(p.Err, question); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		_ = view.Line(p.Err, "") // what follows begins a line of its own
		return ctx.Err()
	case line, open := <-p.Lines():
		if !open {
			_ = view.Line(p.Err, "")
		}
		if strings.TrimSpace(line) == "yes" {
			return nil
		}
		return &DeclinedError{declined, !open}
	}
}
