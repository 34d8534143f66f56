package pages

import "strings"

// Matching keeps of all those that hold each word of what is searched for, in any of
// their texts, whatever the case.
func Matching[T any](all []T, search string, texts func(T) []string) []T {
	words := strings.Fields(strings.ToLower(search))
	if len(words) == 0 {
		return all
	}
	var some []T
	for _, x := range all {
		text := strings.ToLower(strings.Join(texts(x), "\n"))
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(text, w)
		}
		if fits {
			some = append(some, x)
		}
	}
	return some
}
