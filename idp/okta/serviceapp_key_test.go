package okta_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"scim-sync/idp"
	"scim-sync/idp/okta"
	"scim-sync/internal/transport"
)

// serviceKey is made once: an RSA key takes long.
var serviceKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func serviceOptions(t testing.TB, org string) okta.ServiceAppOptions {
	return okta.ServiceAppOptions{OrgURL: org, ClientID: "0oaservice", KeyID: "k1", PrivateKeyPEM: pkcs8(t, serviceKey()), DPoP: true}
}

// through is the way to an Okta by a service app.
func through(t testing.TB, o okta.ServiceAppOptions, web *httptest.Server) (*okta.ServiceApp, *transport.Transport) {
	t.Helper()
	app, err := okta.NewServiceApp(o)
	if err != nil {
		t.Fatal(err)
	}
	return app, transport.New(transport.Options{Side: "okta", Base: app, Hosts: []string{web.Listener.Addr().String()}})
}

// Both forms of RSA key are taken; anything else is refused by name, and never
// shown.
func TestServiceAppKeys(t *testing.T) {
	good := serviceKey()
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	sec1, _ := x509.MarshalECPrivateKey(ec)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(good))
	public, _ := x509.MarshalPKIXPublicKey(&good.PublicKey)
	for _, tc := range []struct{ name, key, why string }{
		{"PKCS#1", pkcs1, ""},
		{"PKCS#8", string(pkcs8(t, good)), ""},
		{"escaped line breaks", strings.ReplaceAll(string(pkcs8(t, good)), "\n", `\n`), ""},
		{"EC", block("EC PRIVATE KEY", sec1), "EC key"},
		{"EC with parameters", block("EC PARAMETERS", []byte{6, 0}) + block("EC PRIVATE KEY", sec1), "EC key"},
		{"EC in PKCS#8", string(pkcs8(t, ec)), "EC key"},
		{"Ed25519", string(pkcs8(t, ed)), "Ed25519"},
		{"encrypted PKCS#8", block("ENCRYPTED PRIVATE KEY", []byte("secret")), "encrypted"},
		{"encrypted PKCS#1", strings.Replace(pkcs1, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1), "encrypted"},
		{"public", block("PUBLIC KEY", public), "public half"},
		{"JWK", `{"kty":"RSA","d":"secret"}`, "JSON web key"},
		{"damaged", block("PRIVATE KEY", []byte("secret")), "damaged"},
		{"cut", pkcs1[:200], "not PEM"},
		{"a path", "/etc/okta/secret.pem", "not PEM"},
		{"empty", " ", "empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := serviceOptions(t, "https://acme.okta.com")
			o.PrivateKeyPEM = []byte(tc.key)
			_, err := okta.NewServiceApp(o)
			if tc.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *idp.Error
			if !errors.As(err, &e) || e.Kind != idp.Setting || !strings.Contains(e.Detail, tc.why) || e.Hint == "" {
				t.Errorf("got %v, want %q", err, tc.why)
			}
			if s := fmt.Sprint(err, e.Hint); strings.Contains(s, "secret") || len(tc.key) > 100 && strings.Contains(s, tc.key[60:90]) {
				t.Errorf("%q shows the key", s)
			}
		})
	}
}
