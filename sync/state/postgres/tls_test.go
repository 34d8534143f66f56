//go:build !windows

package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scim-sync/internal/pgtest"
	"scim-sync/internal/sample"
)

// certified turns TLS on at a server, with a certificate for localhost alone, and
// gives the file of the authority.
func certified(t *testing.T, s *pgtest.Server) (authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	ok(t, err)
	secret, err := x509.MarshalECPrivateKey(key)
	ok(t, err)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, value := range map[string]string{
		"ssl_cert_file": s.Put(t, "cert.pem", cert),
		"ssl_key_file":  s.Put(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})),
		"ssl":           "on",
	} {
		s.Exec(t, "postgres", "ALTER SYSTEM SET "+name+" = '"+value+"'")
	}
	s.Stop()
	ok(t, s.Start())
	authority = filepath.Join(t.TempDir(), "ca.pem")
	ok(t, os.WriteFile(authority, cert, 0o600))
	return authority
}

// TestCertificatesAreChecked: the authority, and the name unless the address says
// that it does not matter.
func TestCertificatesAreChecked(t *testing.T) {
	sample.Long(t)
	s := pgtest.Own(t)
	authority := certified(t, s)
	byAddress := s.URL("postgres", s.Port)
	byName := strings.Replace(byAddress, "127.0.0.1", "localhost", 1)
	for what, c := range map[string]struct {
		address string
		says    string // empty: it is taken
	}{
		"the right one":        {byName + "?sslmode=verify-full&sslrootcert=" + authority, ""},
		"an unknown authority": {byName + "?sslmode=verify-full", "sslrootcert=/path/ca.pem"},
		"another name":         {byAddress + "?sslmode=verify-full&sslrootcert=" + authority, "sslmode=verify-ca"},
		"any name":             {byAddress + "?sslmode=verify-ca&sslrootcert=" + authority, ""},
		"none at all":          {byName + "?sslmode=require", ""},
	} {
		p := open(t, c.address).Probe(t.Context())
		if c.says == "" {
			if p.Reach != nil || p.Write != nil {
				t.Errorf("%s: %+v", what, p)
			}
			continue
		}
		says(t, what, p.Reach, "certificate", c.says)
	}
}
