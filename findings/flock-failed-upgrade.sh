#!/usr/bin/env bash
#
# gofrs/flock: a TryLock that fails takes away the shared lock that one has, and the
# package goes on saying that it is held.
#
# Expected: TryLock on a lock that is held shared either makes it exclusive, or says
#   false and leaves everything as it was, as a "try" does.
# Happens: flock(2) gives up the old lock before it asks for the new one, and does not
#   take it back when it is refused. The package, told "would block", answers false and
#   changes nothing of what it remembers: RLocked() is true, and TryRLock(), which
#   trusts that, is true without asking the kernel. Meanwhile another one is let in
#   alone. The other way round, TryRLock() on a lock held alone lets readers in, and
#   Locked() and TryLock() stay true.
#   The package's documentation warns of shared locks that become exclusive, not of
#   this.
# A client should: never turn one kind into the other with one Flock. After a failed
#   TryLock take the lock for lost: Unlock (which here only tidies up), lock again, read
#   again. Or take the exclusive lock from the start.
# Concerns us: a run holds the lock of its state alone, and who only asks whether a run
#   is under way tries it shared. Doing both with one Flock, to ask and then to take,
#   would be just this, and would show only when two of them meet.
#
# Each Flock opens the file by itself, so these stand for three processes.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
[ "$(uname -s)" = Linux ] || { echo "known of Linux only" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	"github.com/gofrs/flock"
)

func try(what string, lock func() (bool, error)) {
	got, err := lock()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("  %s: %t\n", what, got)
}

func says(who string, f *flock.Flock) {
	fmt.Printf("  %s says: RLocked %t, Locked %t\n", who, f.RLocked(), f.Locked())
}

func unlock(all ...*flock.Flock) {
	for _, f := range all {
		if err := f.Unlock(); err != nil {
			log.Fatal(err)
		}
	}
}

func main() {
	log.SetFlags(0)
	ada, bea, cyd := flock.New("state.lock"), flock.New("state.lock"), flock.New("state.lock")

	fmt.Println("Ada and Bea read; Ada would like to write:")
	try("ada.TryRLock", ada.TryRLock)
	try("bea.TryRLock", bea.TryRLock)
	try("ada.TryLock", ada.TryLock)
	says("ada", ada)
	fmt.Println("Bea would like to write, too, and Ada to make sure that she may read:")
	try("bea.TryLock", bea.TryLock)
	says("ada", ada)
	try("ada.TryRLock", ada.TryRLock)
	try("cyd.TryRLock", cyd.TryRLock)
	fmt.Println("Ada lets go, and asks again:")
	unlock(ada)
	try("ada.TryRLock", ada.TryRLock)

	unlock(bea)
	fmt.Println("Ada writes, and on the way asks whether she may read:")
	try("ada.TryLock", ada.TryLock)
	try("cyd.TryRLock", cyd.TryRLock)
	try("ada.TryRLock", ada.TryRLock)
	try("cyd.TryRLock", cyd.TryRLock)
	says("ada", ada)
	try("ada.TryLock", ada.TryLock)
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/gofrs/flock@v0.13.2 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/gofrs/flock

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
Ada and Bea read; Ada would like to write:
  ada.TryRLock: true
  bea.TryRLock: true
  ada.TryLock: false
  ada says: RLocked true, Locked false
Bea would like to write, too, and Ada to make sure that she may read:
  bea.TryLock: true
  ada says: RLocked true, Locked false
  ada.TryRLock: true
  cyd.TryRLock: false
Ada lets go, and asks again:
  ada.TryRLock: false
Ada writes, and on the way asks whether she may read:
  ada.TryLock: true
  cyd.TryRLock: false
  ada.TryRLock: true
  cyd.TryRLock: true
  ada says: RLocked true, Locked true
  ada.TryLock: true
TEXT
diff known seen || { echo "CHANGED: no longer so" >&2; exit 1; }
echo "As known."
