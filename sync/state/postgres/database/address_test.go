package database

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scim-sync/sync/state"
)

const secret = "hunter2-secret"

// parsed reads an address and gives what was learned to be secret.
func parsed(t *testing.T, at state.Location) (address, []string, error) {
	t.Helper()
	var learned []string
	at.Learn = func(secrets ...string) { learned = append(learned, secrets...) }
	a, err := parse(at)
	if err != nil {
		var location *state.LocationError
		if !errors.As(err, &location) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", at.URL, err)
		}
	} else if _, err := connect(&a); err != nil {
		t.Errorf("%s: %v", at.URL, err)
	}
	return a, learned, err
}

// TestServersElsewhereAreVerified: a plain or unchecked connection to another host
// is asked for in so many words, or is not made.
func TestServersElsewhereAreVerified(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u@db.example/x":                         "verify-full",
		"postgresql://u@db.example/x":                       "verify-full",
		"postgres://u@localhost,db.example/x":               "verify-full",
		"postgres://u@10.0.0.1/x":                           "verify-full",
		"postgres://u@localhost.example/x":                  "verify-full",
		"postgres://u@db.example/x?sslmode=disable":         "disable",
		"postgres://u@db.example/x?sslmode=require":         "require",
		"postgres://u@localhost/x":                          "prefer",
		"postgres://u@127.0.0.1:6432/x":                     "prefer",
		"postgres://u@[::1]/x":                              "prefer",
		"postgres:///x":                                     "prefer",
		"postgres:///x?host=/var/run/postgresql":            "prefer",
		"postgres:///x?host=db.example":                     "verify-full",
		"postgres://u@localhost/x?host=db.example":          "verify-full",
		"postgres:///x?host=/var/run/postgresql,db.example": "verify-full",
	} {
		a, _, err := parsed(t, state.Location{URL: url})
		if err != nil || a.settings["sslmode"] != want || a.settings["target_session_attrs"] != "read-write" {
			t.Errorf("%s: %v, %v", url, a.settings, err)
		}
	}
}

// TestWrongAddressesAreNamedWithoutTheirSecrets: each with what is wrong.
func TestWrongAddressesAreNamedWithoutTheirSecrets(t *testing.T) {
	for url, want := range map[string]string{
		"jdbc:postgresql://h/x?password=" + secret:            "must start with postgres://",
		"mysql://u:" + secret + "@h/x":                        "must start with postgres://",
		"postgres://u:" + secret + "/%@h/x":                   "write / ? # @ : and %",
		"postgres:" + secret:                                  "must be as postgres://user@host/database",
		"postgres://u:" + secret + "@h":                       "names no database",
		"postgres://u:" + secret + "@h/x?keepalives=1":        `the parameter "keepalives"`,
		"postgres://h/x?options=-cfoo&password=" + secret:     `the parameter "options"`,
		"postgres://h/x?search_path=a&password=" + secret:     `the parameter "search_path"`,
		"postgres://h/x?host=a&host=b&password=" + secret:     "host twice",
		"postgres://h/x?sslmode=maybe&password=" + secret:     "sslmode must be one of",
		"postgres://h/x?target_session_attrs=standby":         "can only be read-write",
		"postgres://h/x?schema=A%22b&password=" + secret:      "schema must be one name",
		"postgres://h/x?workspace=&password=" + secret:        "workspace must be a name",
		"postgres://h/x?sslrootcert=/none&password=" + secret: "sslrootcert cannot be read",
		"postgres://h/x?password=" + secret + "%00":           "zero byte",
		"postgres://h/x?password=" + secret + "#a":            "must be as",
	} {
		_, _, err := parsed(t, state.Location{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
	a, err := parse(state.Location{URL: "postgres://u:" + secret + "@localhost:99999/x"})
	if err == nil {
		_, err = connect(&a)
	}
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("a port that cannot be: %v", err)
	}
}

// TestPasswordIsFoundWhereLibpqFindsIt: and is known as a secret from then on.
func TestPasswordIsFoundWhereLibpqFindsIt(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	line := "db.example:5432:x:u:" + secret + "\nlocalhost:*:*:u:" + secret + "2\n"
	plain, empty := file("password", secret+"\n", 0o600), file("empty", "\n", 0o600)
	pass, open := file("pass", line, 0o600), file("open", line, 0o644)
	file(".pgpass", line, 0o600)
	for _, c := range []struct {
		what, url, file string
		environ         []string
		want, wrong     string
	}{
		{"address", "postgres://u:" + secret + "%40@db.example/x", "", nil, secret + "@", ""},
		{"parameter", "postgres://u@db.example/x?password=" + secret, "", nil, secret, ""},
		{"file", "postgres://u@db.example/x", plain, []string{"PGPASSWORD=other"}, secret, ""},
		{"two", "postgres://u:a@db.example/x", plain, nil, "", "keep one of them"},
		{"empty file", "postgres://u@db.example/x", empty, nil, "", "is empty"},
		{"no file", "postgres://u@db.example/x", filepath.Join(dir, "none"), nil, "", "cannot be read"},
		{"variable", "postgres://u@db.example/x", "", []string{"PGPASSWORD=" + secret, "PGPASSFILE=" + open}, secret, ""},
		{"password file", "postgres://u@db.example/x", "", []string{"PGPASSFILE=" + pass}, secret, ""},
		{"password file in the address", "postgres://u@db.example/x?passfile=" + pass, "", []string{"PGPASSFILE=" + open}, secret, ""},
		{"socket", "postgres://u@/x?host=/tmp", "", []string{"PGPASSFILE=" + pass}, secret + "2", ""},
		{"usual file", "postgres://u@db.example/x", "", []string{"HOME=" + dir}, secret, ""},
		{"nothing fits", "postgres://v@db.example/x", "", []string{"HOME=" + dir}, "", ""},
		{"others may read it", "postgres://u@db.example/x", "", []string{"PGPASSFILE=" + open}, "", "chmod 600"},
		{"not there", "postgres://u@db.example/x", "", []string{"PGPASSFILE=" + dir + "/none"}, "", "cannot be read"},
		{"nowhere", "postgres://u@db.example/x", "", []string{"HOME=" + dir + "/none"}, "", ""},
	} {
		a, learned, err := parsed(t, state.Location{URL: c.url, PasswordFile: c.file, Environ: c.environ})
		switch {
		case c.wrong != "":
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v", c.what, err)
			}
		case err != nil || a.settings["password"] != c.want || (c.want != "") != slices.Contains(learned, c.want):
			t.Errorf("%s: %q, learned %q, %v", c.what, a.settings["password"], learned, err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, ".pgpass"), 0o644); err != nil {
		t.Fatal(err)
	}
	a, _, err := parsed(t, state.Location{URL: "postgres://u@db.example/x", Environ: []string{"HOME=" + dir}})
	if err != nil || a.settings["password"] != "" || !strings.Contains(a.hint, "chmod 600") {
		t.Errorf("the usual file that others may read: %q, hint %q, %v", a.settings["password"], a.hint, err)
	}
}

// TestDriverTakesNothingFromItsProcess: what the address leaves out is not filled
// from variables that nobody handed over.
func TestDriverTakesNothingFromItsProcess(t *testing.T) {
	for name, value := range map[string]string{"PGPASSWORD": secret, "PGHOST": "elsewhere", "PGSSLMODE": "disable", "PGOPTIONS": "-c x=y",
		"PGTARGETSESSIONATTRS": "any", "PGSSLROOTCERT": "/none", "PGTZ": "UTC", "PGAPPNAME": "other", "PGUSER": "other"} {
		t.Setenv(name, value)
	}
	a, _, err := parsed(t, state.Location{URL: "postgres://u@db.example/x"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := connect(&a)
	if err != nil {
		t.Fatal(err)
	}
	c := d.pool.Config().ConnConfig
	if c.Password != "" || c.Host != "db.example" || c.TLSConfig == nil || c.TLSConfig.InsecureSkipVerify || c.User != "u" ||
		len(c.RuntimeParams) != 2 || c.RuntimeParams["application_name"] != "scim-sync" || c.ValidateConnect == nil || len(c.Fallbacks) != 0 {
		t.Errorf("%+v", c)
	}
}
