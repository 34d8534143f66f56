package config

import (
	"slices"
	"strings"
)

// expand fills ${VAR} in from the environment; $${ stands for ${ itself. It
// gives the variables that the text names, and those of them that are not set,
// each once. A text that is not understood gives a message.
func expand(text string, lookup func(string) (string, bool)) (out string, used, unset []string, wrong string) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		if !found {
			b.WriteString(text)
			return b.String(), used, unset, ""
		}
		if plain, escaped := strings.CutSuffix(before, "$"); escaped {
			b.WriteString(plain + "${")
			text = after
			continue
		}
		b.WriteString(before)
		name, rest, closed := strings.Cut(after, "}")
		if !closed || !variableName(name) {
			return "", nil, nil, "${ must be followed by the name of an environment variable and }; write $${ for the characters themselves"
		}
		value, ok := lookup(name)
		b.WriteString(value)
		if !slices.Contains(used, name) {
			used = append(used, name)
			if !ok {
				unset = append(unset, name)
			}
		}
		text = rest
	}
}

// variableName says whether s may name an environment variable.
func variableName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// unsetWords says which variables of the file are not there.
func unsetWords(unset []string, lookup func(string) (string, bool)) string {
	said, verb := make([]string, len(unset)), "which is not set"
	for i, name := range unset {
		said[i] = "${" + name + "}"
	}
	switch {
	case len(unset) > 1:
		verb = "which are not set"
	case len(unset) == 1:
		if _, ok := lookup(unset[0]); ok {
			verb = "which is empty"
		}
	}
	return "the file says " + strings.Join(said, " and ") + ", " + verb
}
