package config

import (
	"fmt"
	"io"
	"log/slog"
)

// masked is all that a secret ever prints.
const masked = "(secret)"

// Secret is a text that no printing shows. The text lies behind a pointer, so
// that even printing a private field of this type gives an address only. The
// zero value is no secret at all.
type Secret struct{ text *string }

// NewSecret keeps text; an empty text gives the zero value.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Given says whether there is a secret.
func (s Secret) Given() bool { return s.text != nil }

// Reveal gives the text itself: the only way to it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String gives "(secret)".
func (Secret) String() string { return masked }

// GoString gives "(secret)".
func (Secret) GoString() string { return masked }

// Format prints "(secret)" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// MarshalText gives "(secret)".
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalJSON gives "(secret)".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalYAML gives "(secret)".
func (Secret) MarshalYAML() (any, error) { return masked, nil }

// LogValue gives "(secret)".
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }
