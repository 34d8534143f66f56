package database

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"scim-sync/sync/state"
)

const (
	defaultSchema    = "scim_sync"
	defaultWorkspace = "default"
)

// passedOn are the parameters that go to the driver; it would hand all that it
// does not know to the server, which refuses them.
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)
func passedOn() []string {
	return []string{"application_name", "channel_binding", "connect_timeout", "dbname", "host", "passfile", "password", "port",
		"sslcert", "sslkey", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "target_session_attrs", "user"}
}

// parse reads the address of a location. Error: *state.LocationError, in which
// nothing of the address is but what at.Shown says.
func parse(at state.Location) (address, error) {
	bad := func(format string, args ...any) (address, error) {
		return address{}, &state.LocationError{Location: cmp.Or(at.Shown, "(not shown)"), Why: fmt.Sprintf(format, args...)}
	}
	scheme, _, _ := strings.Cut(at.URL, ":")
	if scheme != "postgres" && scheme != "postgresql" {
		return bad("it must start with postgres://")
	}
	u, err := url.Parse(at.URL)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return bad("it must be as postgres://user@host/database; write / ? # @ : and %% in a password as %%2F %%3F %%23 %%40 %%3A and %%25")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return bad("its parameters cannot be read; write & and %% in a value as %%26 and %%25")
	}
	a := address{schema: defaultSchema, workspace: defaultWorkspace, settings: map[string]string{
		"host": u.Hostname(), "port": u.Port(), "dbname": strings.TrimPrefix(u.Path, "/"), "user": u.User.Username()}}
	if password, ok := u.User.Password(); ok {
		a.settings["password"] = password
	}
	for name, values := range query {
		switch {
		case len(values) > 1:
			return bad("it says %s twice", name)
		case name == "schema":
			a.schema = values[0]
		case name == "workspace":
			a.workspace = values[0]
		case slices.Contains(passedOn(), name):
			a.settings[name] = values[0]
		default:
			return bad("it has the parameter %q, which is none of schema, workspace, %s", name, strings.Join(passedOn(), ", "))
		}
	}
	if why := a.complete(); why != "" {
		return bad("%s", why)
	}
	if why := a.findPassword(at); why != "" {
		return bad("%s", why)
	}
	return a, nil
}
