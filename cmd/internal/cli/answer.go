package cli

import (
	"context"
	"strings"

	"scim-sync/cmd/view"
)

// Answer asks a question and gives the line that answers it, without blanks around
// it. Open is false where nobody is there to answer.
func (p *Program) Answer(ctx context.Context, question string) (text string, open bool, err error) {
	if err := view.Ask(p.Err, question); err != nil {
		return "", false, err
	}
	select {
	case <-ctx.Done():
		_ = view.Line(p.Err, "") // what follows begins a line of its own
		return "", false, ctx.Err()
	case line, open := <-p.Lines():
		if !open {
			_ = view.Line(p.Err, "")
		}
		return strings.TrimSpace(line), open, nil
	}
}

// HiddenAnswer is [Program.Answer] of a secret: what is typed is not shown, and is
// taken out of all that is written from then on.
func (p *Program) HiddenAnswer(ctx context.Context, question string) (text string, open bool, err error) {
	if f, ok := p.Stdin.(interface{ Fd() uintptr }); ok {
		show := hideTyping(int(f.Fd()))
		defer func() {
			show()
			_ = view.Line(p.Err, "") // the one that was typed is not shown either
		}()
	}
	text, open, err = p.Answer(ctx, question)
	if text != "" {
		p.Secret(text)
	}
	return text, open, err
}
