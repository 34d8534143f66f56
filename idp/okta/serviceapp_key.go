package okta

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"scim-sync/idp"
)

// parseKey reads an RSA private key in PEM, PKCS#1 or PKCS#8: Okta's Admin
// Console hands out the latter.
func parseKey(text []byte) (*rsa.PrivateKey, error) {
	if !bytes.ContainsRune(bytes.TrimSpace(text), '\n') {
		// A variable that could not hold line breaks.
		text = bytes.ReplaceAll(text, []byte(`\n`), []byte("\n"))
	}
	block, rest := pem.Decode(text)
	for block != nil && strings.HasSuffix(block.Type, "PARAMETERS") {
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		switch start := bytes.TrimSpace(text); {
		case len(start) == 0:
			return nil, badKey("it is empty")
		case inQuotes(string(start)):
			return nil, badKey("it stands in quotes, which belong to the file it came from and not to the key")
		case start[0] == '{':
			return nil, badKey("it is a JSON web key")
		}
		return nil, badKey("it is not PEM (-----BEGIN PRIVATE KEY-----), or its lines are broken")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, badKey("it is encrypted with a passphrase")
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		return strong(key, err)
	case "PRIVATE KEY":
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		switch key := parsed.(type) {
		case *rsa.PrivateKey:
			return strong(key, err)
		case *ecdsa.PrivateKey:
			return nil, badKey("it is an EC key")
		case ed25519.PrivateKey:
			return nil, badKey("it is an Ed25519 key")
		}
		return nil, badKey("it is damaged, or not an RSA key")
	case "EC PRIVATE KEY":
		return nil, badKey("it is an EC key")
	case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE":
		return nil, badKey("it is the public half")
	}
	return nil, badKey(fmt.Sprintf("it is of the kind %q", plain(block.Type)))
}

func strong(key *rsa.PrivateKey, err error) (*rsa.PrivateKey, error) {
	switch {
	case err != nil || key == nil:
		return nil, badKey("it is damaged") // the error might quote it
	case key.N.BitLen() < 2048:
		return nil, badKey(fmt.Sprintf("it has %d bits, and Okta takes 2048 or more", key.N.BitLen()))
	}
	return key, nil
}

func badKey(why string) error {
	return &idp.Error{
		Kind: idp.Setting, Op: "read the service app's key", Subject: "okta.service_app.private_key", Detail: why,
		Hint: "Give an RSA private key in PEM, not encrypted (PKCS#1 or PKCS#8). In Okta's Admin Console: Applications > the service app > General > Client Credentials > Public keys > Add key > Generate new key, and copy the private key as PEM.",
	}
}
