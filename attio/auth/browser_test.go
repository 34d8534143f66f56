package auth_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"scim-sync/attio/auth"
)

// TestOpenBrowser: BROWSER names the program; the address is one argument of
// its own, never part of a shell's line.
func TestOpenBrowser(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("BROWSER is a matter of Unix")
	}
	dir := t.TempDir()
	program, out := filepath.Join(dir, "browse"), filepath.Join(dir, "out")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" > "+out+".part && mv "+out+".part "+out+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	const address = "http://localhost/a?b=$(touch%20x)&c=;d"
	if err := auth.OpenBrowser(t.Context(), []string{"PATH=" + os.Getenv("PATH"), "BROWSER=" + program + " --new:other"}, address); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if text, err := os.ReadFile(out); err == nil {
			if string(text) != "--new\n"+address+"\n" {
				t.Errorf("called with %q", text)
			}
			break
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("it never ran")
		}
	}
	if err := auth.OpenBrowser(t.Context(), []string{"BROWSER=/no/such/program"}, address); err == nil || strings.Contains(err.Error(), address) {
		t.Errorf("a missing program: %v", err)
	}
	if runtime.GOOS == "linux" {
		if err := auth.OpenBrowser(t.Context(), []string{"PATH=/usr/bin"}, address); err == nil || !strings.Contains(err.Error(), "no screen") {
			t.Errorf("without a screen: %v", err)
		}
	}
}
