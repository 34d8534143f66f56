package auth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"scim-sync/internal/atomicfile"
)

// Repaired is what came of a damaged list of sign-ins.
type Repaired struct {
	Aside  string  // where the damaged file is now; empty: it was not damaged
	Logins []Login // that were saved
}

// Repair puts a damaged list of the sign-ins aside and makes a new one of what
// can be read of it, and of the files with tokens. Error: *StoreError.
func (s *CredentialStore) Repair(ctx context.Context) (Repaired, error) {
	if damaged, err := s.isDamaged(); !damaged {
		return Repaired{}, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return Repaired{}, err
	}
	defer unlock()
	if damaged, err := s.isDamaged(); !damaged {
		return Repaired{}, err // another process has repaired it
	}
	raw, err := os.ReadFile(s.indexPath())
	if err != nil {
		return Repaired{}, unusable("read", s.indexPath(), err)
	}
	m := Repaired{Logins: s.withFiles(readable(raw))}
	if m.Aside, err = s.keepAside(raw); err != nil {
		return Repaired{}, err
	}
	return m, s.writeIndex(m.Logins) // in place of the damaged one, or not at all
}

// keepAside keeps a damaged list under a name that no earlier one has: it may be
// the only trace of tokens in the keyring.
func (s *CredentialStore) keepAside(raw []byte) (string, error) {
	for n := 1; ; n++ {
		name := s.indexPath() + ".damaged"
		if n > 1 {
			name += fmt.Sprintf("-%d", n)
		}
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		if err := atomicfile.Write(name, raw, 0o600); err != nil {
			return "", unusable("write", name, err)
		}
		return name, nil
	}
}

func (s *CredentialStore) isDamaged() (bool, error) {
	_, err := s.Logins()
	if broken, ok := errors.AsType[*StoreError](err); ok && broken.Damaged {
		return true, nil
	}
	return false, err
}

// readable finds the logins that stand whole in a text. The last one of a
// workspace counts.
func readable(raw []byte) []Login {
	var all []Login
	for {
		i := bytes.IndexByte(raw, '{')
		if i < 0 {
			return all
		}
		raw = raw[i:]
		var l Login
		from := json.NewDecoder(bytes.NewReader(raw))
		if from.Decode(&l) != nil || l.WorkspaceID == "" {
			raw = raw[1:]
			continue
		}
		raw = raw[from.InputOffset():]
		if l.Kept != InFile {
			l.Kept = InKeyring
		}
		l.WorkspaceSlug = cmp.Or(l.WorkspaceSlug, l.WorkspaceID)
		all = append(slices.DeleteFunc(all, func(have Login) bool { return have.WorkspaceID == l.WorkspaceID }), l)
	}
}

// withFiles adds the workspaces of token files that no login names.
func (s *CredentialStore) withFiles(all []Login) []Login {
	files, _ := os.ReadDir(s.dir) // the list was just read there
	for _, f := range files {
		name, isToken := strings.CutPrefix(f.Name(), "token-")
		name, isJSON := strings.CutSuffix(name, ".json")
		id, err := url.PathUnescape(name)
		if !isToken || !isJSON || err != nil || slices.ContainsFunc(all, func(l Login) bool { return l.WorkspaceID == id }) {
			continue
		}
		all = append(all, Login{WorkspaceID: id, WorkspaceSlug: id, Kept: InFile})
	}
	return all
}
