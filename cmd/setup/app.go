package setup

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"scim-sync/cmd/internal/cli"
	"scim-sync/idp/okta"
	"scim-sync/internal/nearest"
)

// chooseApp asks which app it is.
func (w *wizard) chooseApp(ctx context.Context, apps []okta.App) (okta.App, error) {
	wanted, silent := w.given("okta.app_id", w.options.app), w.silent
	shown, usual := apps, ""
	if like := those(apps, func(a okta.App) bool { return a.Speaks("attio") }); len(like) > 0 {
		shown = like
		usual = "1"
	}
	for {
		if wanted != "" {
			found := meant(apps, shown, wanted)
			if len(found) == 1 {
				w.Say("The app: " + found[0].Label + " (" + found[0].ID + ").")
				return found[0], nil
			}
			err := appError(wanted, found, apps)
			if err := w.wrong(err); err != nil {
				return okta.App{}, err
			}
			if len(found) > 1 {
				shown, usual = found, "1"
			}
		}
		switch {
		case silent && len(shown) == 1 && usual != "":
			wanted = "1"
			continue
		case silent:
			return okta.App{}, missing("--app", "which of "+strconv.Itoa(len(apps))+" apps is Attio's")
		}
		w.list(shown, len(apps))
		var err error
		if wanted, err = w.ask(ctx, "Which app is Attio's? Its number, name or id", usual); err != nil {
			return okta.App{}, err
		}
	}
}

func (w *wizard) list(apps []okta.App, all int) {
	for n, a := range apps {
		if n == 2*most {
			break
		}
		off := ""
		if !a.Active() {
			off = "  (switched off)"
		}
		w.Say(fmt.Sprintf("%4d  %-32s %s%s", n+1, a.Label, a.ID, off))
	}
	if rest := all - min(len(apps), 2*most); rest > 0 {
		w.Say(fmt.Sprintf("      and %d more: type a part of the name", rest))
	}
}

// meant are the apps that an answer may mean: a number of those shown, an id, a
// name, or a part of one.
func meant(all, shown []okta.App, text string) []okta.App {
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(shown) {
		return shown[n-1 : n]
	}
	for _, is := range []func(okta.App) bool{
		func(a okta.App) bool { return a.ID == text },
		func(a okta.App) bool { return strings.EqualFold(a.Label, text) },
		func(a okta.App) bool { return a.Speaks(text) },
	} {
		if found := those(all, is); len(found) > 0 {
			return found
		}
	}
	return nil
}

func those(apps []okta.App, is func(okta.App) bool) (list []okta.App) {
	for _, a := range apps {
		if is(a) {
			list = append(list, a)
		}
	}
	return list
}

func appError(text string, found, all []okta.App) error {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Label
	}
	if near := nearest.Name(text, names); len(found) == 0 && near != "" {
		return &cli.UsageError{Text: fmt.Sprintf("no app that the token sees is called %q", text), Advice: "Did you mean " + near + "?"}
	}
	if len(found) == 0 {
		return &cli.UsageError{Text: fmt.Sprintf("no app that the token sees is called %q", text), Advice: "Give a part of its name, or its id (0oa...) from the address of its page in Okta's admin console."}
	}
	labels := make([]string, len(found))
	for i, a := range found {
		labels[i] = a.Label + " (" + a.ID + ")"
	}
	return &cli.UsageError{Text: fmt.Sprintf("%q may mean %s", text, some(labels)), Advice: "Give the id of the one that is meant."}
}
