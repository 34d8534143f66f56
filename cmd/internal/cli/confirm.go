package cli

import (
	"context"
	"errors"
	"strings"

	"scim-sync/cmd/view"
)

// Declined is how what would write ends when nobody agreed to it.
const Declined = "not done: the answer was not yes; nothing was written"

// Confirm asks a question that only yes answers; declined is the error of any
// other answer.
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
	}
	return errors.New(declined)
}
