// Package nearest says what a mistyped name most likely means.
package nearest

import "strings"

// Name gives the candidate that a mistyped name most likely means, or "".
// A candidate may be a few letters off, or hold the name as one of its words.
func Name(name string, candidates []string) string {
	if len(name) > 100 {
		return ""
	}
	name = strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	best, least := "", max(1, min(4, len(name)/3))+1
	for _, c := range candidates {
		if d := distance(name, strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, c := range candidates {
		if len(name) >= 3 && strings.Contains("_"+strings.ToLower(c)+"_", "_"+name+"_") {
			return c
		}
	}
	return ""
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
