package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is what all help fits in: the narrowest terminal in use.
const helpWidth = 80

// Shelf is a group of commands in the help of the root, in the order to be read.
type Shelf struct {
	Title    string
	Commands []string
}

// UseHelp makes the help of all commands below root. The root's lists its commands by
// shelves, and the flags that every command has; theirs name only what is their own.
func UseHelp(root *cobra.Command, shelves []Shelf) {
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.InitDefaultVersionFlag()
		_, _ = io.WriteString(c.OutOrStdout(), helpOf(c, shelves)) // whoever reads it no more has read enough
	})
}

func helpOf(c *cobra.Command, shelves []Shelf) string {
	var b strings.Builder
	b.WriteString(filled(cmp.Or(c.Long, c.Short)) + "\n")
	section := func(title, text string) {
		if text != "" {
			b.WriteString("\n" + title + ":\n" + strings.TrimRight(text, "\n") + "\n")
		}
	}
	if c.Runnable() {
		section("Usage", "  "+usageLine(c))
	}
	section("Examples", c.Example)
	if !c.HasParent() {
		for _, s := range shelves {
			section(s.Title, listed(s.among(c)))
		}
		section("Flags on every command", flagsOf(c.LocalFlags()))
		section("More", columns([][2]string{
			{"scim-sync COMMAND --help", "examples, flags and exit codes of a command"},
			{"scim-sync help exit-codes", "what each exit code means"},
		}))
		return b.String()
	}
	section("Commands", listed(c.Commands()))
	section("Flags", flagsOf(c.LocalFlags()))
	section("Exit codes", codesOf(ExitCodesOf(c)))
	if c.Runnable() {
		b.WriteString("\nFlags on every command, such as --config and --sandbox: scim-sync --help\n")
	}
	return b.String()
}

func usageLine(c *cobra.Command) string {
	if c.HasSubCommands() {
		return c.CommandPath() + " COMMAND [flags]"
	}
	return c.UseLine()
}

// among are the shelf's commands below a root that has them.
func (s Shelf) among(root *cobra.Command) (found []*cobra.Command) {
	for _, name := range s.Commands {
		if i := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name }); i >= 0 {
			found = append(found, root.Commands()[i])
		}
	}
	return found
}

func listed(commands []*cobra.Command) string {
	var rows [][2]string
	for _, c := range commands {
		if !c.Hidden {
			rows = append(rows, [2]string{c.Name(), c.Short})
		}
	}
	return columns(rows)
}

func codesOf(codes []ExitCode) string {
	var rows [][2]string
	for _, x := range codes {
		rows = append(rows, [2]string{fmt.Sprintf("%3d", x.Code), x.Meaning})
	}
	return columns(rows)
}

// HelpOnExitCodes is a page of the help about all of them.
func HelpOnExitCodes() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What each exit code means",
		Long: "Each command's help names the codes that it can end with. Scripts may rely on them: they never change their meaning.\n\n" + strings.TrimRight(codesOf(ExitCodes()), "\n")}
}

func flagsOf(set *pflag.FlagSet) string {
	var rows [][2]string
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" { // whoever reads it has found that one
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		switch value {
		case "string":
			value = "TEXT"
		case "int":
			value = "N"
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if value != "" {
			name += " " + value
		}
		if d := f.DefValue; d != "" && d != "[]" && d != "false" && d != "0" && d != "0s" {
			usage += " (default " + d + ")"
		}
		rows = append(rows, [2]string{name, usage})
	})
	return columns(rows)
}

// columns puts what explains beside what is explained, or below it where that is long.
func columns(rows [][2]string) string {
	const most = 30
	left := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r[0]); n <= most {
			left = max(left, n)
		}
	}
	var b strings.Builder
	for _, r := range rows {
		margin := strings.Repeat(" ", 2+left+3)
		start := "  " + r[0]
		if gap := left + 5 - utf8.RuneCountInString(start); gap >= 2 {
			start += strings.Repeat(" ", gap)
		} else {
			start += "\n" + margin
		}
		b.WriteString(start + strings.Join(wrapped(r[1], helpWidth-left-5), "\n"+margin) + "\n")
	}
	return b.String()
}

// filled breaks the lines of each paragraph anew, but of one that is set in.
func filled(text string) string {
	paragraphs := strings.Split(strings.TrimRight(text, "\n"), "\n\n")
	for i, p := range paragraphs {
		if !strings.HasPrefix(p, " ") {
			paragraphs[i] = strings.Join(wrapped(p, helpWidth), "\n")
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// wrapped breaks a text between words.
func wrapped(text string, width int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
