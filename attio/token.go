package attio

import "strings"

// UsableToken says what is wrong with a text as an access token: what cannot
// stand in a header's value is none, and neither is what stands in quotes, as
// some programs read a file of NAME="value" lines. Empty: nothing is.
func UsableToken(text string) (why string) {
	switch {
	case text == "":
		return "it is empty"
	case strings.ContainsAny(text[:1]+text[len(text)-1:], "\"'`"):
		return "it has quotes round it, which are no part of it: take them away (docker --env-file keeps them)"
	case len(text) > 8<<10:
		return "it is too long"
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "it holds blanks, line breaks or characters that no token has"
	}
	return ""
}
