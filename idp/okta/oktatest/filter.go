package oktatest

import (
	"slices"
	"strings"
	"time"
)

// value is an attribute as a filter sees it: text or a moment.
type value struct {
	text   string
	at     time.Time
	isTime bool
	// several are the texts of an attribute that holds many: one of them is
	// enough.
	several []string
}

// lookup gives an attribute of one entry; false if there is no such attribute.
type lookup func(name string) (value, bool)

// condition is a parsed filter.
type condition interface{ holds(lookup) bool }

type comparison struct {
	attribute, op, text string
	at                  time.Time
}

type junction struct {
	or    bool
	parts []condition
}

func (j junction) holds(l lookup) bool {
	for _, p := range j.parts {
		if p.holds(l) == j.or {
			return j.or
		}
	}
	return !j.or
}

func (c comparison) holds(l lookup) bool {
	v, _ := l(c.attribute)
	if v.several != nil {
		return slices.ContainsFunc(v.several, func(s string) bool {
			return c.holds(func(string) (value, bool) { return value{text: s}, true })
		})
	}
	if v.isTime {
		switch c.op {
		case "eq":
			return v.at.Equal(c.at)
		case "gt":
			return v.at.After(c.at)
		case "ge":
			return !v.at.Before(c.at)
		case "lt":
			return v.at.Before(c.at)
		case "le":
			return !v.at.After(c.at)
		}
		return c.op == "pr"
	}
	have, want := strings.ToLower(v.text), strings.ToLower(c.text)
	switch c.op {
	case "eq":
		return have == want
	case "ne":
		return have != want
	case "sw":
		return strings.HasPrefix(have, want)
	case "co":
		return strings.Contains(have, want)
	case "gt":
		return have > want
	case "ge":
		return have >= want
	case "lt":
		return have < want
	case "le":
		return have <= want
	}
	return v.text != ""
}

// grammar is what an endpoint takes: its attributes (true: a time) and
// operators.
type grammar struct {
	attributes map[string]bool
	operators  []string
	// open also takes every "profile." attribute, as search does.
	open bool
}

// parseFilter parses an expression of comparisons joined with and, or and
// brackets, where and binds closer. The false answer says it is no filter that
// the endpoint takes.
func parseFilter(s string, g grammar) (condition, bool) {
	p := &filterParser{words: filterWords(s), grammar: g}
	c := p.any()
	if c == nil || len(p.words) > 0 {
		return nil, false
	}
	return c, true
}

type filterParser struct {
	words   []string
	grammar grammar
}

func (p *filterParser) take(word string) bool {
	if len(p.words) > 0 && strings.EqualFold(p.words[0], word) {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *filterParser) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *filterParser) any() condition { return p.joined("or", p.all) }
func (p *filterParser) all() condition { return p.joined("and", p.one) }

func (p *filterParser) joined(word string, part func() condition) condition {
	c := part()
	if c == nil {
		return nil
	}
	parts := []condition{c}
	for p.take(word) {
		if c = part(); c == nil {
			return nil
		}
		parts = append(parts, c)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return junction{or: word == "or", parts: parts}
}

func (p *filterParser) one() condition {
	if p.take("(") {
		c := p.any()
		if !p.take(")") {
			return nil
		}
		return c
	}
	c := comparison{attribute: p.next(), op: strings.ToLower(p.next())}
	isTime, known := p.grammar.attributes[c.attribute]
	if !known && (!p.grammar.open || !strings.HasPrefix(c.attribute, "profile.")) || !isOneOf(c.op, p.grammar.operators...) {
		return nil
	}
	if c.op == "pr" {
		return c
	}
	quoted := p.next()
	if len(quoted) < 2 || quoted[0] != '"' {
		return nil
	}
	c.text = unquote(quoted)
	if isTime {
		at, err := time.Parse(time.RFC3339, c.text)
		if err != nil {
			return nil
		}
		c.at = at
	}
	return c
}

func unquote(s string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(s[1 : len(s)-1])
}

// filterWords cuts an expression into words, quoted texts and brackets. A text
// that is never closed becomes a word that no rule takes.
func filterWords(s string) []string {
	var words []string
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ':
			i++
		case '(', ')':
			words = append(words, s[i:i+1])
			i++
		case '"':
			end := i + 1
			for end < len(s) && s[end] != '"' {
				if s[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(s) {
				return append(words, "?")
			}
			words = append(words, s[i:end+1])
			i = end + 1
		default:
			end := i
			for end < len(s) && !strings.ContainsRune(` ()"`, rune(s[end])) {
				end++
			}
			words = append(words, s[i:end])
			i = end
		}
	}
	return words
}
