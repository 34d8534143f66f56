package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/internal/nearest"
	core "scim-sync/sync"
)

// choice is the value of a flag that takes one of a few words.
type choice struct {
	to    *string
	flag  string
	words []string
}

func (v choice) String() string { return *v.to }

func (v choice) Type() string { return placeholder(v.flag) }

func (v choice) Set(given string) error {
	if err := Choose("--"+v.flag, given, v.words...); err != nil {
		return err
	}
	*v.to = given
	return nil
}

// Choice gives a command a flag that takes one of a few words, the first of them
// where it is not given. more is said in the help behind the words.
func Choice(c *cobra.Command, to *string, flag, more string, words ...string) {
	*to = words[0]
	Optional(c, to, flag, more, words...)
}

// Optional is [Choice] of a flag that says nothing where it is not given.
func Optional(c *cobra.Command, to *string, flag, more string, words ...string) {
	c.Flags().Var(choice{to, flag, words}, flag, listWords(words)+more)
	complete(c, flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// Format gives a command its flag --format.
func Format(c *cobra.Command, to *string, words ...string) { Choice(c, to, "format", "", words...) }

// Choose refuses what is none of the words, before anything is read.
func Choose(what, given string, words ...string) error {
	if slices.Contains(words, given) {
		return nil
	}
	return &UsageError{Text: fmt.Sprintf("%s %q: use %s", what, given, listWords(words)), Advice: didYouMean(nearest.Name(given, words))}
}

func listWords(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Near asks whether somebody meant one of the names that there are, else gives the
// advice for whoever did not.
func Near(name string, known []string, advice string) string {
	if near := nearest.Name(name, known); near != "" {
		return didYouMean(core.Quote(near))
	}
	return advice
}

// didYouMean asks whether somebody meant something else; nothing: nobody asks.
func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "Did you mean " + near + "?"
}

// duration is the value of a flag that takes a time.
type duration struct {
	to   *time.Duration
	flag string
}

func (v duration) String() string {
	text := v.to.String()
	for _, none := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, none) {
			text = strings.TrimSuffix(text, none[1:])
		}
	}
	return text
}

func (v duration) Type() string { return placeholder("time") }

func (v duration) Set(given string) error {
	d, err := time.ParseDuration(given)
	if err != nil {
		return &UsageError{Text: fmt.Sprintf("--%s %q is no length of time", v.flag, given), Advice: "Give a number with its unit, as 30s, 15m, 24h or 1h30m."}
	}
	if d < 0 {
		return &UsageError{Text: fmt.Sprintf("--%s %s is below zero", v.flag, given), Advice: "Give 0s or more."}
	}
	*v.to = d
	return nil
}

// Duration gives a command a flag that takes a time, such as 15m.
func Duration(c *cobra.Command, to *time.Duration, flag string, standard time.Duration, usage string) {
	*to = standard
	c.Flags().Var(duration{to, flag}, flag, usage)
	complete(c, flag, cobra.NoFileCompletions)
}

// Text gives a command a flag that takes words of somebody's own; by offers some;
// nil: nothing does.
func Text(c *cobra.Command, to *string, flag, usage string, by cobra.CompletionFunc) {
	if by == nil {
		by = cobra.NoFileCompletions
	}
	c.Flags().StringVar(to, flag, "", usage)
	complete(c, flag, by)
}

// Reason gives a command its flag --reason.
func Reason(c *cobra.Command, to *string) {
	Text(c, to, "reason", "why, kept in the journal", nil)
}

// placeholder stands for the value of a flag in the help.
func placeholder(flag string) string {
	return strings.ToUpper(flag[strings.LastIndexByte(flag, '-')+1:])
}

func complete(c *cobra.Command, flag string, by cobra.CompletionFunc) {
	_ = c.RegisterFlagCompletionFunc(flag, by) // fails only for a flag that is not there
}
