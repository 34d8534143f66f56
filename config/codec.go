package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"scim-sync/internal/nearest"
	"scim-sync/sync"
)

// codec reads one type of value, and says how it looks in JSON and in the
// JSON Schema.
type codec[T any] struct {
	read   func(n node) (T, []fault)
	show   func(v T) any // what encoding/json writes as the file would have it
	schema func() map[string]any
	// list values are written as YAML flow text in variables and flags.
	list bool
}

// check looks at a value and gives its normal form, or says what is wrong
// without repeating it.
type check func(text string) (normal, wrong string)

// binding ties a codec to a field of Settings, its type forgotten.
type binding interface {
	// decode reads a node; store puts the value into settings.
	decode(n node) (store func(*Settings), faults []fault)
	// shown gives the value in settings, as for JSON.
	shown(s *Settings) any
	schema() map[string]any
	takesList() bool
}

type bound[T any] struct {
	field func(*Settings) *T
	codec codec[T]
}

func (b bound[T]) decode(n node) (func(*Settings), []fault) {
	v, faults := b.codec.read(n)
	return func(s *Settings) { *b.field(s) = v }, faults
}

func (b bound[T]) shown(s *Settings) any { return b.codec.show(*b.field(s)) }

func (b bound[T]) schema() map[string]any { return b.codec.schema() }

func (b bound[T]) takesList() bool { return b.codec.list }

// bind makes a binding.
func bind[T any](field func(*Settings) *T, c codec[T]) binding { return bound[T]{field, c} }

// same shows a value as it is.
func same[T any](v T) any { return v }

// textCodec reads text. An empty text is no value and is not checked.
func textCodec(checks ...check) codec[string] {
	return codec[string]{
		read: func(n node) (string, []fault) {
			if n.kind != scalar || n.tag != "!!str" && !n.loose {
				return "", []fault{notText(n)}
			}
			text := n.text
			for _, c := range checks {
				if text == "" {
					break
				}
				normal, wrong := c(text)
				if wrong != "" {
					return "", []fault{n.wrong("%s %s", n.quote(), wrong)}
				}
				text = normal
			}
			return text, nil
		},
		show:   same[string],
		schema: func() map[string]any { return map[string]any{"type": "string"} },
	}
}

func notText(n node) fault {
	if n.kind == scalar {
		return n.wrong("is %s; it must be text: put it in quotes", n.form())
	}
	return n.wrong("is %s; it must be text", n.form())
}

// hiddenCodec reads text that no message may quote.
func hiddenCodec[T any](wrap func(string) T, show func(T) any, checks ...check) codec[T] {
	return codec[T]{
		read: func(n node) (T, []fault) {
			var none T
			if n.kind != scalar || n.tag != "!!str" && !n.loose {
				return none, []fault{notText(n)}
			}
			text := strings.TrimRight(n.text, "\r\n")
			for _, c := range checks {
				if text == "" {
					break
				}
				normal, wrong := c(text)
				if wrong != "" {
					return none, []fault{n.wrong("%s", wrong)}
				}
				text = normal
			}
			return wrap(text), nil
		},
		show:   show,
		schema: func() map[string]any { return map[string]any{"type": "string"} },
	}
}

func secretCodec(checks ...check) codec[Secret] {
	return hiddenCodec(NewSecret, func(s Secret) any {
		if s.Given() {
			return masked
		}
		return ""
	}, checks...)
}

func stateCodec() codec[StateURL] {
	return hiddenCodec(NewStateURL, func(u StateURL) any { return u.String() }, stateURL)
}

// choiceCodec reads one of some words.
func choiceCodec[T ~string](values ...T) codec[T] {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return codec[T]{
		read: func(n node) (T, []fault) {
			if n.kind != scalar {
				return "", []fault{n.wrong("is %s; it must be one of %s", n.form(), strings.Join(words, ", "))}
			}
			if slices.Contains(words, n.text) {
				return T(n.text), nil
			}
			hint := ""
			if near := nearest.Name(n.text, words); near != "" {
				hint = "; did you mean " + near + "?"
			}
			return "", []fault{n.wrong("%s is not one of %s%s", n.quote(), strings.Join(words, ", "), hint)}
		},
		show:   func(v T) any { return string(v) },
		schema: func() map[string]any { return map[string]any{"enum": words} },
	}
}

// eitherCodec reads one of two words, as whether it is the second.
func eitherCodec(no, yes string) codec[bool] {
	words := choiceCodec(no, yes)
	return codec[bool]{
		read: func(n node) (bool, []fault) {
			word, faults := words.read(n)
			return word == yes, faults
		},
		show: func(v bool) any {
			if v {
				return yes
			}
			return no
		},
		schema: words.schema,
	}
}

// notCodec reads what says the opposite of the field.
func notCodec(c codec[bool]) codec[bool] {
	return codec[bool]{
		read: func(n node) (bool, []fault) {
			v, faults := c.read(n)
			return !v, faults
		},
		show:   func(v bool) any { return c.show(!v) },
		schema: c.schema,
	}
}

func boolCodec() codec[bool] {
	return codec[bool]{
		read: func(n node) (bool, []fault) {
			if n.kind == scalar && (n.tag == "!!bool" || n.loose) {
				switch strings.ToLower(n.text) {
				case "true":
					return true, nil
				case "false":
					return false, nil
				}
			}
			return false, []fault{described(n, "must be true or false")}
		},
		show:   same[bool],
		schema: func() map[string]any { return map[string]any{"type": "boolean"} },
	}
}

// described says what a node is and what it must be.
func described(n node, must string) fault {
	if n.kind == scalar {
		return n.wrong("%s %s", n.quote(), must)
	}
	return n.wrong("is %s; it %s", n.form(), must)
}

// number reads digits and nothing else.
func number(n node) (int, bool) {
	if n.kind != scalar || n.tag != "!!int" && !n.loose {
		return 0, false
	}
	return digits(n.text)
}

func digits(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	i, err := strconv.Atoi(s)
	return i, err == nil
}

func numberCodec(least, most int) codec[int] {
	return codec[int]{
		read: func(n node) (int, []fault) {
			if i, ok := number(n); ok && i >= least && i <= most {
				return i, nil
			}
			return 0, []fault{described(n, fmt.Sprintf("must be a whole number from %d to %d", least, most))}
		},
		show: same[int],
		schema: func() map[string]any {
			return map[string]any{"type": "integer", "minimum": least, "maximum": most}
		},
	}
}

// percent reads digits before a percent sign.
func percent(n node) (int, bool) {
	text, ok := strings.CutSuffix(n.text, "%")
	if !ok || n.kind != scalar {
		return 0, false
	}
	i, ok := digits(strings.TrimRight(text, " "))
	return i, ok && i <= 100
}

// mostPeople is the largest number that counts people.
const mostPeople = 1_000_000

func amountCodec() codec[sync.Amount] {
	return codec[sync.Amount]{
		read: func(n node) (sync.Amount, []fault) {
			if i, ok := percent(n); ok {
				return sync.Amount{Percent: true, N: i}, nil
			}
			if i, ok := number(n); ok && i <= mostPeople {
				return sync.Amount{N: i}, nil
			}
			return sync.Amount{}, []fault{described(n, "must be a percentage from 0% to 100%, or a whole number")}
		},
		show: same[sync.Amount],
		schema: func() map[string]any {
			return map[string]any{"anyOf": []any{
				map[string]any{"type": "integer", "minimum": 0, "maximum": mostPeople},
				map[string]any{"type": "string", "pattern": `^(100|[0-9]{1,2}) *%$`},
			}}
		},
	}
}

func shareCodec() codec[Percent] {
	return codec[Percent]{
		read: func(n node) (Percent, []fault) {
			if i, ok := percent(n); ok && i >= 1 {
				return Percent(i), nil
			}
			return 0, []fault{described(n, "must be a percentage from 1% to 100%, with its sign")}
		},
		show: func(p Percent) any { return p.String() },
		schema: func() map[string]any {
			return map[string]any{"type": "string", "pattern": `^(100|[1-9][0-9]?) *%$`}
		},
	}
}

func durationCodec(least, most time.Duration, write func(time.Duration) string) codec[time.Duration] {
	must := fmt.Sprintf("must be a time with its unit, as 24h, 90m or 7d, from %s to %s", write(least), write(most))
	return codec[time.Duration]{
		read: func(n node) (time.Duration, []fault) {
			if n.kind == scalar {
				if d, ok := readDuration(n.text); ok && d >= least && d <= most {
					return d, nil
				}
			}
			return 0, []fault{described(n, must)}
		},
		show: func(d time.Duration) any { return write(d) },
		schema: func() map[string]any {
			text := map[string]any{"type": "string", "pattern": `^\+?([0-9]+d|([0-9]+d)?(0|([0-9]+\.?[0-9]*|\.[0-9]+)(h|m|s|ms|us|µs|ns))+)$`}
			if least > 0 {
				return text
			}
			return map[string]any{"anyOf": []any{map[string]any{"const": 0}, text}}
		},
	}
}
