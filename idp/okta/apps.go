package okta

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// App is an app of an org, as somebody who is to choose one wants to see it.
type App struct {
	ID     string
	Label  string // as people call it
	Name   string // as Okta's catalogue calls it
	Status string
	// Addresses are those that its sign-on names.
	Addresses []string
}

// Active says whether its assignments mean something.
func (a App) Active() bool { return a.Status == "ACTIVE" }

// Speaks says whether a word is in one of its names or addresses.
func (a App) Speaks(word string) bool {
	return slices.ContainsFunc(append([]string{a.Label, a.Name}, a.Addresses...), func(s string) bool {
		return strings.Contains(strings.ToLower(s), strings.ToLower(word))
	})
}

// appPage is the most apps that Okta gives at a time.
const appPage = 200

// Apps lists the apps of an org that the credential sees, by their labels
// (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/).
// Options.AppID is not looked at.
func Apps(ctx context.Context, o Options) ([]App, error) {
	s, err := newSource(o)
	if err != nil {
		return nil, err
	}
	var apps []App
	l := listing{op: "list the apps", path: "/api/v1/apps", query: url.Values{}, limit: appPage, need: appsNeed}
	err = eachPage(ctx, s, l, func(page []wireListedApp, _ reply) error {
		for _, a := range page {
			apps = append(apps, App{ID: a.ID, Label: plain(a.Label), Name: plain(a.Name), Status: plain(a.Status), Addresses: a.addresses()})
		}
		return nil
	})
	slices.SortStableFunc(apps, func(a, b App) int { return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)) })
	return apps, err
}

// ProfileAttributes are the attributes of the app's user profile that the org has
// made itself, sorted; none where the schema may not be read.
func (s *Source) ProfileAttributes(ctx context.Context) ([]string, error) {
	schema, err := s.schema(ctx)
	var names []string
	for name := range schema.Definitions.Custom.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

// wireListedApp is an app in the list of all. What its sign-on names may be of any
// shape: one odd app shall not hide the others.
type wireListedApp struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Name     string `json:"name"`
	Status   string `json:"status"`
	Settings struct {
		SignOn struct {
			AssertionConsumer json.RawMessage `json:"ssoAcsUrl"`
			Audience          json.RawMessage `json:"audience"`
		} `json:"signOn"`
		Client struct {
			Redirects json.RawMessage `json:"redirect_uris"`
		} `json:"oauthClient"`
	} `json:"settings"`
}

func (a wireListedApp) addresses() []string {
	at := a.Settings
	return slices.Concat(values(at.SignOn.AssertionConsumer), values(at.SignOn.Audience), values(at.Client.Redirects))
}

func (wireListedApp) most() int { return 256 << 10 }

func (wireListedApp) kept() fields {
	return append(whole("id", "label", "name", "status"),
		field{"settings", fields{{"signOn", whole("ssoAcsUrl", "audience")}, {"oauthClient", whole("redirect_uris")}}})
}

func (a wireListedApp) flaw() string { return badID(a.ID) }
