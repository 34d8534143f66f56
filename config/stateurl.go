package config

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
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
	for i, pair := range parameters(parsed) {
		b.WriteByte("?&"[min(i, 1)])
		if pair.harmless() {
			b.WriteString(pair.text)
		} else {
			b.WriteString(pair.name + "=" + masked)
		}
	}
	return b.String()
}

// Secrets lists what String masks, as it is written in the address and as it
// is meant.
func (u StateURL) Secrets() []string {
	if u.text == nil {
		return nil
	}
	parsed, err := url.Parse(*u.text)
	if err != nil || parsed.Opaque != "" {
		return []string{*u.text}
	}
	var all []string
	add := func(texts ...string) {
		for _, s := range texts {
			if s != "" && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	if password, has := parsed.User.Password(); has {
		add(writtenPassword(*u.text), password)
	}
	for _, pair := range parameters(parsed) {
		if !pair.harmless() {
			add(pair.value, unescaped(pair.value))
		}
	}
	add(parsed.EscapedFragment(), parsed.Fragment)
	return all
}

// writtenPassword is the password of an address as it stands there.
func writtenPassword(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	_, password, _ := strings.Cut(rest[:max(strings.LastIndexByte(rest, '@'), 0)], ":")
	return password
}

// parameter is one of an address, as written.
type parameter struct{ text, name, value string }

func parameters(u *url.URL) []parameter {
	var all []parameter
	for _, pair := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		all = append(all, parameter{pair, name, value})
	}
	return all
}

// harmless says whether a parameter may be shown. All but those known are
// masked: nobody knows what they hold. So is an address with somebody in it.
func (p parameter) harmless() bool {
	switch p.name {
	case "application_name", "channel_binding", "connect_timeout", "dbname", "endpoint", "host", "hostaddr", "insecure_http", "passfile", "path_style", "port",
		"region", "schema", "search_path", "sse", "sslcert", "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "target_session_attrs", "user", "workspace":
		return !strings.Contains(unescaped(p.value), "@")
	}
	return false
}

func unescaped(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
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
