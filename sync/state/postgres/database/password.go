package database

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jackc/pgpassfile"

	"scim-sync/sync/state"
)

// findPassword takes the password from the address, the setting's file, or
// where libpq finds it: a variable or a password file, and lets nothing show it.
// (https://www.postgresql.org/docs/current/libpq-pgpass.html)
func (a *address) findPassword(at state.Location) (why string) {
	if at.PasswordFile != "" {
		if a.settings["password"] != "" {
			return "it holds a password, and state.password_file names another one; keep one of them"
		}
		raw, err := os.ReadFile(at.PasswordFile)
		if err != nil {
			return fmt.Sprintf("state.password_file cannot be read: %v", err)
		}
		if a.settings["password"] = strings.TrimRight(string(raw), "\r\n"); a.settings["password"] == "" {
			return at.PasswordFile + " is empty; the password of the database belongs there"
		}
	}
	if a.settings["password"] == "" {
		a.settings["password"] = variable(at.Environ, "PGPASSWORD")
	}
	if a.settings["password"] == "" {
		why = a.fromPassfile(at)
	}
	if at.Learn != nil {
		for _, secret := range []string{a.settings["password"], a.settings["sslpassword"]} {
			if secret != "" {
				at.Learn(secret)
			}
		}
	}
	return why
}

// fromPassfile reads the password file that is named, or the one that is usual.
// One that others may read is not used: a named one stops, as the user relies on
// it; the usual one may not be meant at all.
func (a *address) fromPassfile(at state.Location) (why string) {
	name, named := a.settings["passfile"], true
	if name == "" {
		name = variable(at.Environ, "PGPASSFILE")
	}
	if name == "" {
		if name, named = usualPassfile(at.Environ), false; name == "" {
			return ""
		}
	}
	st, err := os.Stat(name)
	switch {
	case err != nil && named:
		return fmt.Sprintf("the password file cannot be read: %v", err)
	case err != nil:
		return ""
	case !st.Mode().IsRegular():
		why = name + " is no plain file"
	case runtime.GOOS != "windows" && st.Mode().Perm()&0o077 != 0:
		why = fmt.Sprintf("others on this machine may read the password file %s; run: chmod 600 %s", name, name)
	}
	if why != "" && !named {
		a.hint = why
		return ""
	}
	if why != "" {
		return why
	}
	file, err := pgpassfile.ReadPassfile(name)
	if err != nil {
		return name + " cannot be read as a password file" // its own words may repeat a line
	}
	host, _, _ := strings.Cut(a.settings["host"], ",")
	if host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
		host = "localhost"
	}
	port, _, _ := strings.Cut(a.settings["port"], ",")
	if port == "" {
		port = "5432"
	}
	a.settings["password"] = file.FindPassword(host, port, a.settings["dbname"], a.settings["user"])
	if a.settings["password"] == "" {
		a.hint = fmt.Sprintf("no line of %s fits %s:%s:%s:%s", name, host, port, a.settings["dbname"], a.settings["user"])
	}
	return ""
}

func usualPassfile(environ []string) string {
	if runtime.GOOS == "windows" {
		if dir := variable(environ, "APPDATA"); dir != "" {
			return filepath.Join(dir, "postgresql", "pgpass.conf")
		}
		return ""
	}
	if home := variable(environ, "HOME"); home != "" {
		return filepath.Join(home, ".pgpass")
	}
	return ""
}

// variable gives the value of a variable, the last one where there are two.
func variable(environ []string, name string) (value string) {
	for _, pair := range environ {
		if v, ok := strings.CutPrefix(pair, name+"="); ok {
			value = v
		}
	}
	return value
}
