package oktatest

import (
	"crypto/sha256"
	"math/big"
	"slices"
	"strings"
)

// Prefixes of Okta's ids.
const (
	userPrefix    = "00u"
	groupPrefix   = "00g"
	appPrefix     = "0oa"
	mappingPrefix = "gPm"
)

const idLength = 20

// makeID gives the id that belongs to a prefix and a seed, always the same:
// 20 letters and digits, as Okta's are.
func makeID(prefix, seed string) string {
	sum := sha256.Sum256([]byte(prefix + "\x00" + seed))
	digits := new(big.Int).SetBytes(sum[:16]).Text(62)
	tail := idLength - len(prefix)
	if len(digits) < tail {
		digits = strings.Repeat("0", tail-len(digits)) + digits
	}
	return prefix + digits[len(digits)-tail:]
}

// isOneOf says whether a word is among the allowed ones.
func isOneOf(word string, allowed ...string) bool {
	return slices.Contains(allowed, word)
}

// or gives the first of two words that is not empty.
func or(word, fallback string) string {
	if word != "" {
		return word
	}
	return fallback
}
