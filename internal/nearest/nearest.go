// Package nearest says what a mistyped name most likely means.
package nearest

import (
	"strings"
	"unicode"
)

// Name gives the candidate that a mistyped name most likely means, or "".
// A candidate may be a few letters off, begin with the name, or hold it as one of its
// words. Case, and what stands between words, make no difference.
func Name(name string, candidates []string) string {
	if len(name) > 100 {
		return ""
	}
	own, _, _ := strings.Cut(name, "@") // many addresses share what follows
	name = fold(name)
	best, least := "", max(1, min(4, len(own)/3))+1
	for _, c := range candidates {
		if d := distance(name, fold(c)); d < least {
			best, least = c, d
		}
	}
	if best != "" || len(name) < 3 {
		return best
	}
	for _, c := range candidates {
		if folded := fold(c); strings.HasPrefix(folded, name) || strings.Contains("_"+folded+"_", "_"+name+"_") {
			return c
		}
	}
	return ""
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '_'
	}, s)
}

// Suggestion ends the message about an unknown name: the nearest of those
// that are known, or all of them.
func Suggestion(given string, known []string) string {
	if near := Name(given, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return "; known here: " + strings.Join(known, ", ")
}

// distance counts the letters to insert, remove, replace or swap with the next
// to make b of a (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
