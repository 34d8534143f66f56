package auth

import (
	"os"
	"runtime"
	"strings"
)

// Exposure is a file or folder of the credential store that is open to others.
type Exposure struct{ What, Remedy string }

// Exposed looks whether others on this machine can read or write what a login
// is kept in. Windows keeps its permissions elsewhere.
func (s *CredentialStore) Exposed(l Login) []Exposure {
	if runtime.GOOS == "windows" {
		return nil
	}
	var all []Exposure
	look := func(path, what, mode string) {
		st, err := os.Stat(path)
		if err != nil {
			return // whoever needs it will say so
		}
		var can []string
		if st.Mode().Perm()&0o044 != 0 {
			can = append(can, "read")
		}
		if st.Mode().Perm()&0o022 != 0 {
			can = append(can, "write")
		}
		if len(can) > 0 {
			all = append(all, Exposure{"others on this machine can " + strings.Join(can, " and ") + " " + path + ", " + what, "Run: chmod " + mode + " " + path})
		}
	}
	look(s.dir, "the folder of the sign-ins", "700")
	if l.Kept == InFile {
		look(s.filePath(l.WorkspaceID), "which holds the token", "600")
	}
	return all
}
