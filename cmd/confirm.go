package cmd

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"scim-sync/cmd/view"
)

// confirm asks a question that only yes answers.
func (a *app) confirm(ctx context.Context, question string) error {
	if err := view.Ask(a.err, question); err != nil {
		return err
	}
	type answer struct {
		text string
		err  error
	}
	heard := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(a.Stdin).ReadString('\n')
		heard <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = view.Line(a.err, "") // what follows begins a line of its own
		return ctx.Err()
	case h := <-heard:
		if h.err != nil {
			_ = view.Line(a.err, "")
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
