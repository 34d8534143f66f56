package stores_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"scim-sync/sync/state"
	"scim-sync/sync/state/stores"
)

// TestTheAddressChoosesTheStore: by its scheme, and without asking anybody.
func TestTheAddressChoosesTheStore(t *testing.T) {
	file := "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "state.json"))
	for address, lock := range map[string]string{
		file: "state.lock",
		"s3://bucket/prefix?endpoint=https://nobody.invalid": "s3://bucket/prefix/lock.json",
	} {
		s, err := stores.Open(t.Context(), state.Location{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Paths().Lock; !strings.HasSuffix(got, lock) {
			t.Errorf("%s: the lock is %s", address, got)
		}
	}
	var bad *state.LocationError
	if _, err := stores.Open(t.Context(), state.Location{URL: "s3://bucket"}); !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
}
