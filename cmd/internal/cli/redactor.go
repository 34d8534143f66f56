package cli

import (
	"io"
	"slices"
	"strings"

	"scim-sync/config"
	"scim-sync/internal/redact"
)

// secretsOf lists the secrets that the settings hold, and those that stand in a
// weaker place, such as a variable which the file names in vain.
func secretsOf(c *config.Settings) []string {
	list := c.State.URL.Secrets()
	given := []config.Secret{c.Okta.APIToken, c.Okta.ServiceApp.PrivateKey, c.Attio.Token, c.Attio.OAuth.ClientSecret, c.HeartbeatURL}
	for _, h := range c.Notify {
		given = append(given, h.URL)
	}
	for _, s := range append(given, c.Hidden()...) {
		if s.Given() {
			list = append(list, s.Reveal())
		}
	}
	return list
}

// withoutSecrets leaves the settings and their secrets out of an environment,
// where they may stand in other variables too.
func withoutSecrets(environ []string, c *config.Settings) []string {
	texts := secretsOf(c)
	var secrets redact.Secrets
	secrets.Add(texts...)
	return slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, value, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "SCIM_SYNC_") || slices.Contains(texts, value) || secrets.Clean(value) != value
	})
}

// redacted filters a stream: a last gate below the rule that nothing puts a
// secret into a text at all. What a terminal is stays visible.
func redacted(w io.Writer, secrets *redact.Secrets) io.Writer {
	filtered := redactWriter{w, secrets}
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		return redactTerminal{filtered, f}
	}
	return filtered
}

// redactWriter writes what is left of a text without its secrets. It sees what
// one call writes: whoever writes to it does so in whole lines.
type redactWriter struct {
	w       io.Writer
	secrets *redact.Secrets
}

func (f redactWriter) Write(text []byte) (int, error) {
	if _, err := f.w.Write(f.secrets.CleanBytes(text)); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Scrub is for whoever cuts or encodes a text before it is written.
func (f redactWriter) Scrub(text string) string { return f.secrets.Clean(text) }

type redactTerminal struct {
	redactWriter
	file interface{ Fd() uintptr }
}

// Fd is that of the stream itself.
func (t redactTerminal) Fd() uintptr { return t.file.Fd() }
