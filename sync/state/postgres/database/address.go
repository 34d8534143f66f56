package database

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"scim-sync/sync/state"
)

// address is what a URL says, with the password from wherever it is.
type address struct {
	settings  map[string]string // by the names of libpq
	schema    string
	workspace string
	hint      string // about the password, for when the server refuses it
	place     string // without user and password
	local     bool   // the server is reached by a socket or a loopback address
	verified  bool   // it is local, or TLS says that it is the right one
	encrypted bool   // no connection is made without TLS
}

// complete fills what the address leaves out, and says what cannot be.
func (a *address) complete() (why string) {
	s := a.settings
	if s["dbname"] == "" {
		return "it names no database: postgres://user@host/database"
	}
	if !identifier(a.schema, 63) {
		return "schema must be one name of small letters, digits and _, as scim_sync"
	}
	if a.workspace == "" || len(a.workspace) > 200 || strings.ContainsFunc(a.workspace, func(r rune) bool { return r < ' ' }) {
		return "workspace must be a name on one line, as acme"
	}
	for _, v := range s {
		if strings.ContainsRune(v, 0) {
			return "it holds a zero byte"
		}
	}
	switch s["target_session_attrs"] {
	case "", "read-write", "primary":
		// A standby would grant a lock of its own beside that of the primary.
		s["target_session_attrs"] = "read-write"
	default:
		return "target_session_attrs can only be read-write: state is written"
	}
	s["connect_timeout"] = cmp.Or(s["connect_timeout"], "10")
	s["application_name"] = cmp.Or(s["application_name"], "scim-sync")
	if why := a.secure(); why != "" {
		return why
	}
	a.place = "postgres://" + s["host"]
	if s["port"] != "" {
		a.place += ":" + s["port"]
	}
	a.place += "/" + s["dbname"] + " (schema " + a.schema + ", workspace " + a.workspace + ")"
	return ""
}

// secure says how the server is known: by being here, or by its certificate,
// unless the address says otherwise in so many words.
func (a *address) secure() (why string) {
	s := a.settings
	a.local = !slices.ContainsFunc(strings.Split(s["host"], ","), func(host string) bool { return !isLocal(host) })
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	switch mode := s["sslmode"]; {
	case mode == "" && a.local:
		s["sslmode"] = "prefer"
	case mode == "":
		s["sslmode"] = "verify-full"
	case !slices.Contains(modes, mode):
		return "sslmode must be one of " + strings.Join(modes, ", ")
	}
	a.verified = a.local || strings.HasPrefix(s["sslmode"], "verify-") || s["sslrootcert"] != ""
	a.encrypted = slices.Contains([]string{"require", "verify-ca", "verify-full"}, s["sslmode"])
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		if file := s[name]; file != "" && (name != "sslrootcert" || file != "system") {
			if _, err := os.ReadFile(file); err != nil {
				return fmt.Sprintf("the file of %s cannot be read: %v", name, err)
			}
		}
	}
	if (s["sslcert"] == "") != (s["sslkey"] == "") {
		return "sslcert and sslkey go together"
	}
	return ""
}

// quoted is the schema as it stands in SQL.
func (a *address) quoted() string { return pgx.Identifier{a.schema}.Sanitize() }

func (a *address) paths() state.Paths {
	return state.Paths{Kind: "PostgreSQL", Snapshot: "state in " + a.place, Journal: "journal in " + a.place, Lock: "lock in " + a.place}
}

// isLocal says whether a host is a socket or a loopback address.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" || ip != nil && ip.IsLoopback()
}

func identifier(s string, longest int) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

// keywords gives the settings as the driver reads them. All that it would take
// from its process's variables is said, so that it takes nothing from there.
func (a *address) keywords() string {
	all := map[string]string{"password": "", "passfile": "", "sslrootcert": "", "sslcert": "", "sslkey": "", "sslpassword": "",
		"sslnegotiation": "", "sslcertmode": "allow", "sslsni": "1", "channel_binding": "", "require_auth": "",
		"min_protocol_version": "", "max_protocol_version": ""}
	maps.Copy(all, a.settings)
	all["passfile"] = "" // it was read
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	var b strings.Builder
	for k, v := range all {
		fmt.Fprintf(&b, "%s='%s' ", k, quoted.Replace(v))
	}
	return b.String()
}
