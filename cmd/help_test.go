package cmd

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scim-sync/attio/auth"
	"scim-sync/cmd/internal/cli"
)

// everyCommand visits all that the help shows, below the root.
func everyCommand(visit func(c *cobra.Command)) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if !sub.Hidden && !sub.IsAdditionalHelpTopicCommand() {
				visit(sub)
			}
			walk(sub)
		}
	}
	walk(Tree("test"))
}

// asked runs a command line without a terminal, as it stands.
func asked(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	world, err := os.ReadFile("../testdata/worlds/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code = Execute(t.Context(), System{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Now: time.Now, Version: "test",
		DefaultWorld: world, Dir: t.TempDir()})
	return code, stdout.String(), stderr.String()
}

// TestEveryCommandExplainsItself: what it does, two examples, its own flags in words,
// and the codes that it can end with, all on 80 columns.
func TestEveryCommandExplainsItself(t *testing.T) {
	everyCommand(func(c *cobra.Command) {
		name := c.CommandPath()
		_, help, _ := asked(t, append(strings.Fields(name)[1:], "--help")...)
		fits(t, name, help)
		if first, _ := utf8.DecodeRuneInString(c.Short); !unicode.IsUpper(first) || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short help is no line with a capital and without a full stop: %q", name, c.Short)
		}
		if n := len(examplesOf(c)); n < 2 {
			t.Errorf("%s has %d examples", name, n)
		}
		if len(cli.ExitCodesOf(c)) < 5 || !strings.Contains(help, "Exit codes:\n") {
			t.Errorf("%s does not say with which codes it ends:\n%s", name, help)
		}
		if strings.Contains(help, "--log-format") {
			t.Errorf("%s lists flags that are every command's", name)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || regexp.MustCompile(`--`+f.Name+` [a-z]+  `).MatchString(help) {
				t.Errorf("%s: no words for --%s, or none for its value", name, f.Name)
			}
		})
	})
}

func fits(t *testing.T, name, help string) {
	t.Helper()
	for line := range strings.Lines(help) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 || strings.Contains(line, "\t") {
			t.Errorf("%s: %d columns, or a tab: %s", name, n, line)
		}
	}
}

// TestTheRootListsEveryCommandOnce: in the order in which they are needed, with the
// flags that all have.
func TestTheRootListsEveryCommandOnce(t *testing.T) {
	code, help, _ := asked(t, "--help")
	fits(t, "scim-sync", help)
	for _, c := range Tree("test").Commands() {
		rows := regexp.MustCompile(`(?m)^  `+c.Name()+` +[A-Z]`).FindAllString(help, -1)
		if wanted := !c.Hidden && c.Name() != "help" && !c.IsAdditionalHelpTopicCommand(); wanted && len(rows) != 1 {
			t.Errorf("%s stands there %d times:\n%s", c.Name(), len(rows), help)
		}
	}
	if code != cli.ExitOK || !strings.Contains(help, "--log-format FORMAT") || strings.Index(help, "  plan ") > strings.Index(help, "  state ") {
		t.Errorf("%d\n%s", code, help)
	}
	_, topic, _ := asked(t, "help", "exit-codes")
	fits(t, "exit-codes", topic)
	for _, x := range cli.ExitCodes() {
		if !strings.Contains(topic, x.Meaning) {
			t.Errorf("%d is not explained:\n%s", x.Code, topic)
		}
	}
}

// example is a command line of an example, as a shell would take it apart.
type example []string

var exampleWord = regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)

// examplesOf finds the command lines in the examples of a command: what follows two
// blanks is said about them.
func examplesOf(c *cobra.Command) (found []example) {
	for line := range strings.Lines(c.Example) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
		for _, part := range regexp.MustCompile(` \| | >+ | < | && |[()]`).Split(strings.ReplaceAll(line, "$(date +%F)", "DATE"), -1) {
			var words example
			for _, w := range exampleWord.FindAllString(part, -1) {
				words = append(words, strings.Trim(w, `'"`))
			}
			if len(words) > 1 && words[0] == "scim-sync" {
				found = append(found, words[1:])
			}
		}
	}
	return found
}

// TestExamplesAreUnderstood: each names commands and flags that there are, with values
// that they take.
func TestExamplesAreUnderstood(t *testing.T) {
	all := examplesOf(Tree("test"))
	everyCommand(func(c *cobra.Command) { all = append(all, examplesOf(c)...) })
	for _, words := range all {
		root := Tree("test")
		c, rest, err := root.Find(words)
		c.InitDefaultVersionFlag()
		if err == nil {
			err = c.ParseFlags(rest)
		}
		if err == nil {
			err = c.ValidateArgs(c.Flags().Args())
		}
		if err != nil {
			t.Errorf("scim-sync %s: %v", strings.Join(words, " "), err)
		}
	}
}

// TestSandboxExamplesWork: what a newcomer copies first does what it says.
func TestSandboxExamplesWork(t *testing.T) {
	ran := 0
	everyCommand(func(c *cobra.Command) {
		for _, words := range examplesOf(c) {
			if !slices.Contains(words, "--sandbox") {
				continue
			}
			ran++
			if code, out, said := asked(t, words...); code != cli.ExitOK || out == "" {
				t.Errorf("scim-sync %s: exit %d\n%s%s", strings.Join(words, " "), code, out, said)
			}
		}
	})
	if ran < 5 {
		t.Errorf("only %d examples show the sandbox", ran)
	}
}

// TestNearMissesAreNamed: what was most likely meant, in one line, with the code of a
// wrong usage, and in nobody's words but the program's.
func TestNearMissesAreNamed(t *testing.T) {
	for line, want := range map[string]string{
		"aply":                           "Did you mean: scim-sync apply",
		"--quiet aply":                   "Did you mean: scim-sync apply",
		"help aply":                      "Did you mean: scim-sync apply",
		"diff":                           "Did you mean: scim-sync plan",
		"unlock":                         "Did you mean: scim-sync state unlock, scim-sync unlink",
		"nonsense":                       "See: scim-sync --help",
		"state shwo":                     "Did you mean: scim-sync state show",
		"config --config x.yaml valdate": "Did you mean: scim-sync config validate",
		"completion bsh":                 "Did you mean: scim-sync completion bash",
		"plan --fromat json":             "Did you mean --format?",
		"plan --no_removal":              "Did you mean --no-removals?",
		"plan -format json":              "two dashes",
		"plan --sandbx":                  "Did you mean --sandbox?",
		"plan --zzz":                     "See: scim-sync plan --help",
		"plan --format jsn":              "use text, json, markdown or html|Did you mean json?",
		"history --verify --format html": "use text or json",
		"plan --log-level wran":          "use debug, info, warn or error|Did you mean warn?",
		"plan --log-format yaml":         "use text or json",
		"watch --every abc":              "30s, 15m, 24h",
		"pause --for 4 --reason x":       "30s, 15m, 24h",
		"apply --lock-timeout 5min":      "30s, 15m, 24h",
		"apply --lock-timeout -5m":       "Give 0s or more",
		"apply --allow-removals many":    "is not a whole number",
		"apply --yes=maybe":              "is neither true nor false",
		"plan --out":                     "--out needs a value|As in: --out FILE",
		"plan ada@acme.com":              "takes no arguments, and got: ada@acme.com",
		"link Sales":                     "takes GROUP TEAM, and got: Sales",
		"show":                           "takes FILE, and got: nothing",
	} {
		code, out, said := asked(t, strings.Fields(line)...)
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains(said, part) {
				t.Errorf("scim-sync %s: no %q: %s", line, part, said)
			}
		}
		if code != cli.ExitUsage || out != "" || strings.Count(said, "\n") > 2 {
			t.Errorf("scim-sync %s: exit %d: %s%s", line, code, out, said)
		}
		for _, foreign := range []string{"strconv", "time: ", "ParseBool", "invalid argument", "accepts "} {
			if strings.Contains(said, foreign) {
				t.Errorf("scim-sync %s speaks as a library does: %s", line, said)
			}
		}
	}
}

// TestShellsAreOffered what a flag takes and what the state knows; nothing where that
// cannot be had, and never a word about it.
func TestShellsAreOffered(t *testing.T) {
	for line, want := range map[string]string{
		"plan --format ":                       "text json markdown html :4",
		"report access --format ":              "csv json html :4",
		"history --format ":                    "text json html csv :4",
		"plan --log-level ":                    "debug info warn error :4",
		"status --log-format ":                 "text json :4",
		"plan --sandbox --only ada":            "ada.byron@fernwood.example :4",
		"apply --sandbox --only sal":           "Sales :4",
		"history --sandbox --person ada":       "ada.byron@fernwood.example :4",
		"plan --only ada":                      ":4", // there are no settings
		"plan --config nosuch.yaml --only ada": ":4",
		"login --workspace ":                   ":4",
		"watch --every ":                       ":4",
		"apply --reason ":                      ":4",
		"plan ":                                ":4",
		"apply --report ":                      "html md json :8",
		"sandbox --world ":                     "bad-day company startup :0",
		"completion ":                          "bash fish powershell zsh :4",
		"state mo":                             "move :4",
		"help state re":                        "rebind rebuild restore :4",
	} {
		words := strings.Split(line, " ")
		code, out, _ := asked(t, append([]string{"__completeNoDesc"}, words...)...)
		if got := strings.Join(strings.Fields(out), " "); code != cli.ExitOK || got != want {
			t.Errorf("%q: exit %d, offered %q, want %q", line, code, got, want)
		}
	}
}

// TestCompletionScripts: each shell's script is printed, and its help says how to have
// it loaded.
func TestCompletionScripts(t *testing.T) {
	for name, part := range map[string]string{"bash": "# bash completion V2 for scim-sync", "zsh": "#compdef scim-sync", "fish": "# fish completion for scim-sync", "powershell": "# powershell completion for scim-sync"} {
		for _, args := range [][]string{{"completion", name}, {"completion", name, "--no-descriptions"}} {
			if code, out, said := asked(t, args...); code != cli.ExitOK || !strings.HasPrefix(out, part) || said != "" {
				t.Errorf("%v: exit %d: %.200s %s", args, code, out, said)
			}
		}
		if _, help, _ := asked(t, "completion", name, "--help"); !strings.Contains(strings.Join(strings.Fields(help), " "), "for the shell at hand") || !strings.Contains(help, "scim-sync completion "+name) {
			t.Errorf("%s: %s", name, help)
		}
	}
}

// TestLoginSaysHowLongItWaits: the same time as the sign-in itself has.
func TestLoginSaysHowLongItWaits(t *testing.T) {
	flow, err := auth.Consent{Client: auth.Client{ClientSecret: func() string { return "" }}, RedirectURL: "https://acme.example/callback", PasteOnly: true}.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer flow.Close()
	if _, help, _ := asked(t, "login", "--help"); !strings.Contains(strings.Join(strings.Fields(help), " "), "waits up to "+flow.Patience()) {
		t.Errorf("it waits %s: %s", flow.Patience(), help)
	}
}
