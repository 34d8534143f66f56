package setup

// options are what flags say. What they do not say is asked.
type options struct {
	out, org, app, tokenFile string
	key                      serviceApp
	attioTokenFile           string
	roleAttribute, teams     string
	adminGroups              []string
	yes                      bool
}

// serviceApp is how to sign in to Okta with a key.
type serviceApp struct{ clientID, id, file string }
