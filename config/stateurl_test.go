package config

import (
	"fmt"
	"slices"
	"testing"
)

// TestStateURL: what an address may hold in secret is masked wherever it
// prints, and known in the forms in which it could be written elsewhere.
func TestStateURL(t *testing.T) {
	for _, c := range []struct {
		address, shown string
		secrets        []string
	}{
		{"", "", nil},
		{"file:///var/state.json", "file:///var/state.json", nil},
		{"postgres://u:p%40ss-w0rd@h/db?sslmode=require", "postgres://u:(secret)@h/db?sslmode=require", []string{"p%40ss-w0rd", "p@ss-w0rd"}},
		{"postgres://u@h/db?schema=s&workspace=acme&options=hunter22", "postgres://u@h/db?schema=s&workspace=acme&options=(secret)", []string{"hunter22"}},
		{"postgres://127.0.0.1:1/db?user=u&password=hunter22", "postgres://127.0.0.1:1/db?user=u&password=(secret)", []string{"hunter22"}},
		{"s3://b/k?secret_key=a%2Fb+c;region=eu", "s3://b/k?secret_key=(secret)&region=eu", []string{"a%2Fb+c", "a/b c"}},
		{"s3://b/k?endpoint=https://minio:9000", "s3://b/k?endpoint=https://minio:9000", nil},
		{"s3://b/k?sse=aws:kms:key-1&insecure_http=true", "s3://b/k?sse=aws:kms:key-1&insecure_http=true", nil},
		{"s3://b/k?endpoint=https://me:hunter22@minio", "s3://b/k?endpoint=(secret)", []string{"https://me:hunter22@minio"}},
		{"file:///a.json#hunter22", "file:///a.json", []string{"hunter22"}},
		{"s3://b/k?x=%zz", "s3://b/k?x=(secret)", []string{"%zz"}},
		{"s3:hunter22", "(secret)", []string{"s3:hunter22"}},
	} {
		u := NewStateURL(c.address)
		if got := fmt.Sprint(u); got != c.shown {
			t.Errorf("%s prints %s", c.address, got)
		}
		if got := u.Secrets(); !slices.Equal(got, c.secrets) {
			t.Errorf("%s: the secrets are %q", c.address, got)
		}
	}
}
