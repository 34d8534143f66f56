package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
)

// StateURL is an address that may hold a password; it prints without it.
type StateURL struct{ text *string }

// NewStateURL keeps an address as it is; an empty one gives the zero value.
func NewStateURL(text string) StateURL {
	if text == "" {
		return StateURL{}
	}
	return StateURL{text: &text}
}

// Given says whether there is an address.
func (u StateURL) Given() bool { return u.text != nil }

// Reveal gives the whole address, password included.
func (u StateURL) Reveal() string {
	if u.text == nil {
		return ""
	}
	return *u.text
}

// String gives the address with password and secret parameters masked.
func (u StateURL) String() string {
	if u.text == nil {
		return ""
	}
	parsed, err := url.Parse(*u.text)
	if err != nil || parsed.Opaque != "" {
		return masked
	}
	var b strings.Builder
	b.WriteString(parsed.Scheme + "://")
	if parsed.User != nil {
		b.WriteString(url.PathEscape(parsed.User.Username()))
		if _, has := parsed.User.Password(); has {
			b.WriteString(":" + masked)
		}
		b.WriteByte('@')
	}
	b.WriteString(parsed.Host + parsed.EscapedPath())
	for i, pair := range strings.FieldsFunc(parsed.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		b.WriteByte("?&"[min(i, 1)])
		name, _, _ := strings.Cut(pair, "=")
		if harmlessParameter(name) {
			b.WriteString(pair)
		} else {
			b.WriteString(name + "=" + masked)
		}
	}
	return b.String()
}

// harmlessParameter names the parameters of state addresses that may be shown.
// All others are masked: nobody knows what they hold.
func harmlessParameter(name string) bool {
	switch name {
	case "endpoint", "host", "region", "sslmode", "sslrootcert", "connect_timeout", "path_style", "application_name", "search_path":
		return true
	}
	return false
}

// GoString gives the address as String does, in quotes.
func (u StateURL) GoString() string { return strconv.Quote(u.String()) }

// Format prints the address as String does, for every verb.
func (u StateURL) Format(f fmt.State, verb rune) {
	text := u.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}

// MarshalText gives the address as String does.
func (u StateURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue gives the address as String does.
func (u StateURL) LogValue() slog.Value { return slog.StringValue(u.String()) }
