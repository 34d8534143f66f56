package freeport_test

import (
	"net"
	"testing"

	"scim-sync/internal/freeport"
)

// TestNobodyIsGivenThePortBySystem: the address can be listened at, and is none that
// the system hands out to those who ask for any.
func TestNobodyIsGivenThePortBySystem(t *testing.T) {
	address, err := freeport.Address()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	given, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer given.Close()
	if ours, theirs := l.Addr().(*net.TCPAddr).Port, given.Addr().(*net.TCPAddr).Port; ours >= theirs {
		t.Errorf("%d is where the system gives ports, as %d", ours, theirs)
	}
}
