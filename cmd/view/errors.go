package view

import (
	"errors"
	"slices"
	"strings"

	"scim-sync/attio"
	"scim-sync/idp"
)

// Error writes what went wrong, once, and below it what to do: see [Advice].
// Nothing in it can act on a terminal. The error returned is the stream's.
func Error(s Stream, err error) error {
	if err == nil {
		return nil
	}
	out := newPrinter(s)
	lead := seg{text: "Error: ", paint: out.alarm}
	if declined(err) {
		lead = seg{text: "Declined: ", paint: out.change}
	}
	for _, text := range messages(err) {
		out.line(0, 2, lead, seg{text: out.say(text, longestError)})
	}
	for _, advice := range Advice(err) {
		out.wayOn(2, advice)
	}
	return out.flush()
}

// declined says whether somebody was asked and said no, which is no failure.
func declined(err error) bool {
	var no interface{ Declined() bool }
	return errors.As(err, &no) && no.Declined()
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

// Advice is what to do about an error, whichever command met it: the hint of
// each error in its chain that has one, outermost first and each once.
func Advice(err error) []string {
	var all []string
	walk(err, func(e error) {
		if h := hintIn(e); h != "" && !slices.Contains(all, h) {
			all = append(all, h)
		}
	})
	return all
}

func hintIn(err error) string {
	switch e := err.(type) { //nolint:errorlint // one link of a chain that is walked
	case *attio.Error:
		return e.Hint
	case *idp.Error:
		return e.Hint
	case interface{ Hint() string }:
		return e.Hint()
	}
	return ""
}

// walk visits err and everything that it wraps, outermost first.
func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) { //nolint:errorlint // one link of a chain that is walked
	case interface{ Unwrap() error }:
		walk(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			walk(one, visit)
		}
	}
}
