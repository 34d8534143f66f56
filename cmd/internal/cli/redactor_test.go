package cli

import (
	"bytes"
	"strings"
	"testing"

	"scim-sync/config"
)

// TestStateAddressIsRedacted: the net knows what an address holds in secret,
// wherever it stands there and however it is written.
func TestStateAddressIsRedacted(t *testing.T) {
	c := &config.Settings{State: config.State{URL: config.NewStateURL("s3://me:pass%2fword-1@b/k?secret_key=word%2fpass-2&region=eu-central-1")}}
	r := new(redactor)
	r.add(secretsOf(c)...)
	const text = "pass%2fword-1 pass/word-1 pass%2Fword-1 word%2fpass-2 word/pass-2 word%2Fpass-2 eu-central-1"
	if got := string(r.clean([]byte(text))); got != strings.Repeat("(secret) ", 6)+"eu-central-1" {
		t.Errorf("got %q", got)
	}
}

// TestRedactor: a secret is taken out in whatever form it is written; ordinary
// words stay, and a writer is told that all of its text was taken.
func TestRedactor(t *testing.T) {
	r := new(redactor)
	const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nq2k0bVQ9aaaabbbb\n-----END RSA PRIVATE KEY-----\n"
	r.add("to/ken+0123=456", "short", key)
	var b bytes.Buffer
	w := r.over(&b)
	const text = `a to/ken+0123=456, short; to%2Fken%2B0123%3D456 q2k0bVQ9aaaabbbb` + "\n-----BEGIN RSA PRIVATE KEY-----"
	if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
		t.Errorf("wrote %d of %d: %v", n, len(text), err)
	}
	if want := "a (secret), short; (secret) (secret)\n-----BEGIN RSA PRIVATE KEY-----"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
	if _, ok := w.(interface{ Fd() uintptr }); ok || strings.Contains(b.String(), "0123") {
		t.Error("a buffer is no terminal")
	}
}
