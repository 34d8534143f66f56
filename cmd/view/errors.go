package view

import (
	"errors"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Error writes what went wrong, once, and below it what to do: the hints of
// the errors in the chain (attio.Error, idp.Error, anything with a method
// Hint), then those given. Nothing in it can act on a terminal. The error
// returned is the stream's.
func Error(s Stream, err error, hints ...string) error {
	if err == nil {
		return nil
	}
	out := newPrinter(s)
	for _, text := range messages(err) {
		out.line(0, 2, seg{text: "Error: ", paint: out.alarm}, seg{text: out.say(text, longestError)})
	}
	for _, h := range hintsOf(err, hints) {
		out.wayOn(2, h)
	}
	return out.flush()
}

// longestError is more than other details get: an error is told once and
// nothing else tells it.
const longestError = 4000

// messages gives what there is to tell, one by one: the lines of an error that
// lists several things (it has a method Lines), or the errors of a join. All
// other newlines are not believed.
func messages(err error) []string {
	var lists interface{ Lines() []string }
	if errors.As(err, &lists) {
		if lines := lists.Lines(); len(lines) > 0 {
			return lines
		}
	}
	if join, ok := err.(interface{ Unwrap() []error }); ok {
		parts := join.Unwrap()
		texts := make([]string, 0, len(parts))
		for _, e := range parts {
			if e != nil {
				texts = append(texts, e.Error())
			}
		}
		if len(texts) > 0 && strings.Join(texts, "\n") == err.Error() {
			var all []string
			for _, e := range parts {
				if e != nil {
					all = append(all, messages(e)...)
				}
			}
			return all
		}
	}
	return []string{err.Error()}
}

// hintsOf collects the hints of a chain and those given, each once.
func hintsOf(err error, given []string) []string {
	var all []string
	add := func(h string) {
		if h != "" && !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	walk(err, func(e error) {
		{
			var x *attio.Error
			var x1 *idp.Error
			var x3 interface{ Hint() string }
			switch {
			case errors.As(e, &x):
				add(x.Hint)
			case errors.As(e, &x1):
				add(x1.Hint)
			case errors.As(e, &x3):
				add(x3.Hint())
			}
		}
	})
	for _, h := range given {
		add(h)
	}
	return all
}

// walk visits err and everything that it wraps, outermost first.
func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	{
		var x interface{ Unwrap() error }
		var x1 interface{ Unwrap() []error }
		switch {
		case errors.As(err, &x):
			walk(x.Unwrap(), visit)
		case errors.As(err, &x1):
			for _, e := range x1.Unwrap() {
				walk(e, visit)
			}
		}
	}
}
