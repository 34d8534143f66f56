package shown

import "bytes"

// NoCommands breaks up what a CI runner would take for a command to itself where
// it reads a log: ##[…] and ##word[…] anywhere (Azure Pipelines, GitHub Actions,
// TeamCity), and :: at the beginning of a line, behind blanks too (GitHub
// Actions). The second # and : are written as the escapes that are given, which
// depend on the format of the text. A text without any is given back as it is.
//
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions,
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
func NoCommands(text []byte, hash, colon string) []byte {
	if !bytes.Contains(text, []byte("##")) && !bytes.Contains(text, []byte("::")) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	fresh := true // at the beginning of a line
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case fresh && c == ':' && i+1 < len(text) && text[i+1] == ':':
			out = append(append(out, ':'), colon...)
			fresh = false
			i++
			continue
		case c == '#' && opens(text[i:]):
			out = append(append(out, '#'), hash...)
			fresh = false
			i++
			continue
		case c == '\n' || c == '\r':
			fresh = true
		case c != ' ' && c != '\t':
			fresh = false
		}
		out = append(out, text[i])
	}
	return out
}

// opens says whether a text begins with ##[ or ##word[.
func opens(text []byte) bool {
	rest, ok := bytes.CutPrefix(text, []byte("##"))
	for ok && len(rest) > 0 && alphanumeric(rest[0]) {
		rest = rest[1:]
	}
	return ok && len(rest) > 0 && rest[0] == '['
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
