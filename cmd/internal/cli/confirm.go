package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"scim-sync/cmd/view"
)

// Confirm asks a question that only yes answers.
func (p *Program) Confirm(ctx context.Context, question string) error {
	if err := view.Ask(p.Err, question); err != nil {
		return err
	}
	type answer struct {
		text string
		err  error
	}
	heard := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(p.Stdin).ReadString('\n')
		heard <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = view.Line(p.Err, "") // what follows begins a line of its own
		return ctx.Err()
	case h := <-heard:
		if h.err != nil {
			_ = view.Line(p.Err, "")
		}
		if strings.TrimSpace(h.text) == "yes" {
			return nil
		}
		if h.err != nil && !errors.Is(h.err, io.EOF) {
			return h.err
		}
		return errors.New("not done: the answer was not yes; nothing was written")
	}
}
