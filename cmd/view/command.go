package view

import (
	"regexp"
	"strings"
)

// program is how a command in a sentence begins.
const program = "scim-sync "

// wordEnd is where the first word of a text ends. A command to copy is one word,
// however many spaces it has: broken over two lines it would be another one.
func wordEnd(text string) int {
	lead := len(text) - len(strings.TrimLeft(text, `("`))
	if strings.HasPrefix(text[lead:], program) {
		return commandEnd(text, lead+len(program))
	}
	for _, verb := range []string{"GRANT ", "ALTER ", "CREATE "} { // a statement of SQL
		if strings.HasPrefix(text[lead:], verb) {
			if end := strings.IndexAny(text, ";)"); end > 0 {
				return tokenEnd(text, end)
			}
			return len(text)
		}
	}
	return tokenEnd(text, 0)
}

// commandEnd is where the command ends whose arguments begin at at: with a token
// that ends a clause, or before one that is a word of the sentence.
func commandEnd(text string, at int) int {
	end, before := at-1, ""
	for n := 0; at < len(text); n++ {
		next := tokenEnd(text, at)
		token := text[at:next]
		if n > 0 && !argument(before, token) {
			break
		}
		if end, before = next, token; token == "" || strings.ContainsRune(",;.:)", rune(token[len(token)-1])) {
			break
		}
		at = next + 1
	}
	return end
}

// argument says whether a token goes on with a command, after the one before it.
func argument(before, token string) bool {
	switch before {
	case "state", "config", "report", "notify", "<", ">", ">>", "|": // commands that have commands, and what a shell goes on with
		return true
	case "--yes", "--first-run", "--no-removals", "--full", "--undo", "--dry-run", "--all", "--sandbox", "--verify", "--wide",
		"--detailed-exitcode", "--offline", "--once", "--token-stdin", "--no-browser", "--quiet", "--verbose", "--unmanaged", "--force", "--remade":
	default:
		if strings.HasPrefix(before, "--") && !strings.Contains(before, "=") {
			return true // the flag's value
		}
	}
	return strings.ContainsAny(token, `-"'@/<>|`) || token != strings.ToLower(token)
}

// tokenEnd is where the token that begins at at ends: at the next space that is
// not within quotes.
func tokenEnd(text string, at int) int {
	end := strings.IndexByte(text[at:], ' ')
	if end < 0 {
		return len(text)
	}
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		if shut := strings.IndexByte(text[at+1:], text[at]); shut >= end {
			return tokenEnd(text, at+1+shut)
		}
	}
	return at + end
}

// always adds to each command of scim-sync in a text the flags that it needs to mean
// the same settings and the same workspace, where it does not have them.
func (s Stream) always(text string) string {
	if s.Always == "" || strings.Contains(text, "--config ") || strings.Contains(text, "--workspace ") {
		return text
	}
	return regexp.MustCompile(`\bscim-sync ([a-z])`).ReplaceAllString(text, "scim-sync"+strings.ReplaceAll(s.Always, "$", "$$")+" $1")
}
