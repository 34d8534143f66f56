package cli

import "context"

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
	answer, open, err := p.Answer(ctx, question)
	switch {
	case err != nil:
		return err
	case answer == "yes":
		return nil
	}
	return &DeclinedError{declined, !open}
}
