package oktatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS384 and RS512
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// token is a signed JSON Web Token (RFC 7519), taken apart.
type token struct {
	header struct {
		Alg string          `json:"alg"`
		Typ string          `json:"typ"`
		Kid string          `json:"kid"`
		JWK json.RawMessage `json:"jwk"`
	}
	claims    claims
	signed    string
	signature []byte
}

type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expiry   float64  `json:"exp"`
	IssuedAt float64  `json:"iat"`
	ID       string   `json:"jti"`
	Method   string   `json:"htm"`
	URL      string   `json:"htu"`
	Nonce    string   `json:"nonce"`
	Hash     string   `json:"ath"`
}

// audience is a text or a list of texts.
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(raw, &many)
	*a = many
	return err
}

var errToken = errors.New("not a signed JSON Web Token")

func parseToken(s string) (*token, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil, errToken
	}
	t := &token{signed: parts[0] + "." + parts[1]}
	for i, into := range []any{&t.header, &t.claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil, errToken
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, errToken
		}
	}
	var err error
	if t.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return nil, errToken
	}
	return t, nil
}

// signedBy says whether a key made the signature (RFC 7518 section 3).
func (t *token) signedBy(key crypto.PublicKey) bool {
	hash, ok := map[string]crypto.Hash{
		"RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512,
		"ES256": crypto.SHA256, "ES384": crypto.SHA384, "ES512": crypto.SHA512,
	}[t.header.Alg]
	if !ok {
		return false
	}
	h := hash.New()
	h.Write([]byte(t.signed))
	sum := h.Sum(nil)
	switch k := key.(type) {
	case *rsa.PublicKey:
		return t.header.Alg[0] == 'R' && rsa.VerifyPKCS1v15(k, hash, sum, t.signature) == nil
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		if t.header.Alg[0] != 'E' || len(t.signature) != 2*size {
			return false
		}
		r, s := new(big.Int).SetBytes(t.signature[:size]), new(big.Int).SetBytes(t.signature[size:])
		return ecdsa.Verify(k, sum, r, s)
	}
	return false
}

// jwk is a public key as JSON (RFC 7517).
type jwk struct {
	Kty string `json:"kty"`
	N   string `json:"n"`
	E   string `json:"e"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	D   string `json:"d"`
}

func (k jwk) key() (crypto.PublicKey, error) {
	number := func(s string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			return new(big.Int)
		}
		return new(big.Int).SetBytes(raw)
	}
	switch {
	case k.D != "":
		return nil, errors.New("this is a private key; give the public one")
	case k.Kty == "RSA":
		n, e := number(k.N), number(k.E)
		if n.BitLen() < 1024 || !e.IsInt64() || e.Int64() < 3 {
			return nil, errors.New("the RSA key is not usable")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case k.Kty == "EC":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Crv]
		if curve == nil {
			return nil, fmt.Errorf("curve %q is not supported", k.Crv)
		}
		size := (curve.Params().BitSize + 7) / 8
		x, y := number(k.X), number(k.Y)
		if x.BitLen() > size*8 || y.BitLen() > size*8 {
			return nil, errors.New("the EC key is not usable")
		}
		point := append([]byte{4}, append(x.FillBytes(make([]byte, size)), y.FillBytes(make([]byte, size))...)...)
		return ecdsa.ParseUncompressedPublicKey(curve, point)
	}
	return nil, fmt.Errorf("key type %q is not supported", k.Kty)
}

// thumbprint names a key (RFC 7638).
func (k jwk) thumbprint() string {
	o := ordered{{"crv", k.Crv}, {"kty", k.Kty}, {"x", k.X}, {"y", k.Y}}
	if k.Kty == "RSA" {
		o = ordered{{"e", k.E}, {"kty", k.Kty}, {"n", k.N}}
	}
	sum := sha256.Sum256(encoded(nil, o))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// publicKey reads a PEM or a JWK.
func publicKey(s string) (crypto.PublicKey, error) {
	if strings.HasPrefix(strings.TrimSpace(s), "{") {
		var k jwk
		if err := json.Unmarshal([]byte(s), &k); err != nil {
			return nil, fmt.Errorf("the key is no JWK: %w", err)
		}
		return k.key()
	}
	block, _ := pem.Decode([]byte(s))
	if block == nil {
		return nil, errors.New("the key is neither a PEM nor a JWK")
	}
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return nil, fmt.Errorf("a PEM of type %q is no public key", block.Type)
}
