package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Digest is a sha256 over the effective settings without secrets, as
// "sha256:" and hexadecimal digits. Where a value came from plays no part.
func (s *Settings) Digest() string {
	values := map[string]any{}
	for _, k := range keys() {
		if !k.secret && k.fileOf == "" {
			values[k.path] = k.shown(s)
		}
	}
	// Strings, numbers, booleans, lists and maps always encode, maps in the
	// order of their keys.
	text, _ := json.Marshal(values)
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
