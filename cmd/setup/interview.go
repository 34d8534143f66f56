package setup

import (
	"context"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/view"
)

// interview asks what flags and variables do not say.
type interview struct {
	*cli.Program
	silent bool // nothing is asked: the usual is taken
}

// nobody is how it ends when no one is left to answer. Nothing was written by then.
func nobody() error {
	return &cli.UsageError{Text: "init was not answered, and wrote nothing", Advice: "In scripts: scim-sync init --yes --org ADDRESS --app APP"}
}

// ask gives the answer to a question; nothing typed is the usual one.
func (i *interview) ask(ctx context.Context, question, usual string) (string, error) {
	if i.silent {
		return usual, nil
	}
	if usual != "" {
		question += " [" + usual + "]"
	}
	text, open, err := i.Answer(ctx, question+": ")
	switch {
	case err != nil:
		return "", err
	case !open && text == "":
		return "", nobody()
	case text == "":
		return usual, nil
	}
	return text, nil
}

// agree asks a question of yes or no; whoever is not asked agrees.
func (i *interview) agree(ctx context.Context, question string) (bool, error) {
	for {
		text, err := i.ask(ctx, question+" (yes or no)", "yes")
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "yes", "y":
			return true, nil
		case "no", "n":
			return false, nil
		}
		i.Say("Only yes or no.")
	}
}

// wrong tells why an answer cannot be used, so that it is asked again; where nobody
// can be asked, that is the end.
func (i *interview) wrong(err error) error {
	if i.silent {
		return err
	}
	return view.Error(i.Err, err)
}

// missing is the end where nothing is asked.
func missing(flag, what string) error {
	return &cli.UsageError{Text: "init --yes asks nothing, and " + what + " is not given", Advice: "Give it with " + flag + "."}
}

// most is how many names a sentence lists.
const most = 8

// some names the first few of many.
func some(names []string) string {
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + view.Count(len(names)-most, "more", "more")
}
