package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scim-sync/internal/nearest"
)

// FlagError says in plain words what is wrong with the flags of a command, and which
// one was most likely meant.
func FlagError(c *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		empty   *pflag.ValueRequiredError
		wrong   *pflag.InvalidValueError
		usage   *UsageError
	)
	see := "See: " + c.CommandPath() + " --help"
	switch {
	case errors.As(err, &usage):
		if usage.Advice == "" {
			usage.Advice = see
		}
		return usage
	case errors.As(err, &unknown):
		name, text := unknown.GetSpecifiedName(), "unknown flag: --"+unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name, text = short, "unknown flag: -"+name
			if len(short) > 1 {
				text = "unknown flag: -" + short + " (a name takes two dashes)"
			}
		}
		return &UsageError{Text: text, Advice: strings.TrimSpace(didYouMean(nearFlag(c, name)) + " " + see)}
	case errors.As(err, &empty):
		value, _ := pflag.UnquoteUsage(empty.GetFlag())
		return &UsageError{Text: "--" + empty.GetFlag().Name + " needs a value", Advice: "As in: --" + empty.GetFlag().Name + " " + value}
	case errors.As(err, &wrong):
		not := "is not a value that it takes"
		switch wrong.GetFlag().Value.Type() {
		case "int":
			not = "is not a whole number"
		case "bool":
			not = "is neither true nor false"
		}
		return &UsageError{Text: fmt.Sprintf("--%s %q %s", wrong.GetFlag().Name, wrong.GetValue(), not), Advice: see}
	}
	return &UsageError{Text: err.Error(), Advice: see}
}

// nearFlag is the flag of a command that a name most likely means.
func nearFlag(c *cobra.Command, name string) string {
	var known []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	}
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	if near := nearest.Name(name, known); near != "" {
		return "--" + near
	}
	return ""
}

// KnownCommand says that a command does not exist before anything is said about its
// flags.
func KnownCommand(root *cobra.Command, args []string) error {
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return nil
	}
	c, rest, _ := root.Find(args) // of one that is not there its parent
	word := firstWord(c, rest)
	if c.Name() == "help" && word != "" {
		return KnownCommand(root, rest)
	}
	if !c.HasSubCommands() || word == "" {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", strings.TrimPrefix(c.CommandPath()+" "+word, root.Name()+" "))
	advice := "See: " + c.CommandPath() + " --help"
	if near := nearCommands(c, word); len(near) > 0 {
		advice = "Did you mean: " + strings.Join(near, ", ")
	}
	return &UsageError{Text: text, Advice: advice}
}

// firstWord is the first of the arguments that is neither a flag nor the value of one.
func firstWord(c *cobra.Command, args []string) string {
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "-")
		if !isFlag {
			return args[i]
		}
		if f := flagNamed(c, name); f != nil && f.NoOptDefVal == "" {
			i++
		}
	}
	return ""
}

// flagNamed is the flag that -name means, which is one dash more for most.
func flagNamed(c *cobra.Command, name string) *pflag.Flag {
	if long, ok := strings.CutPrefix(name, "-"); ok {
		return c.Flag(long)
	}
	if len(name) == 1 {
		return c.Flags().ShorthandLookup(name)
	}
	return nil
}

// nearCommands are the commands that a word below c most likely means: those that are
// called so elsewhere, or by other programs, and the nearest of c's own.
func nearCommands(c *cobra.Command, word string) (near []string) {
	walk(c.Root(), func(other *cobra.Command) {
		if !other.Hidden && (other.Name() == word || slices.Contains(other.SuggestFor, word)) {
			near = append(near, other.CommandPath())
		}
	})
	var known []string
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			known = append(known, sub.Name())
		}
	}
	if name := nearest.Name(word, known); name != "" {
		near = append(near, c.CommandPath()+" "+name)
	}
	return near
}

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

// PlainArguments has each command below root say in plain words which arguments it
// takes; to one that takes none no shell offers any.
func PlainArguments(root *cobra.Command) {
	walk(root, func(c *cobra.Command) {
		check := c.Args
		_, takes, _ := strings.Cut(c.Use, " ")
		if strings.HasPrefix(takes, "--") {
			takes = ""
		}
		if takes == "" && c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		if check == nil {
			return
		}
		c.Args = func(c *cobra.Command, args []string) error {
			err := check(c, args)
			if _, own := errors.AsType[*UsageError](err); err == nil || own {
				return err
			}
			got := "nothing"
			if len(args) > 0 {
				got = strings.Join(args, " ")
			}
			return &UsageError{Text: c.CommandPath() + " takes " + cmp.Or(takes, "no arguments") + ", and got: " + got, Advice: "See: " + c.CommandPath() + " --help"}
		}
	})
}
