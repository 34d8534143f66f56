package sync

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Quote makes a name safe and pasteable in a POSIX shell.
func Quote(s string) string {
	safe := s != ""
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-", r) {
			safe = false
		}
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Counted words a number of things.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Few lists a few names and counts the rest.
func Few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Clean is how names are compared and sent: trimmed, NFC.
func Clean(s string) string { return norm.NFC.String(strings.TrimSpace(s)) }

// KeptAddress says how to go on with somebody whose account keeps its address in
// Attio, whatever it is told.
func KeptAddress(now, wanted string) string {
	return "Change the address by hand in Attio; or, to suspend the account " + now + " and provision a new one: scim-sync apply --only " + Quote(wanted)
}
