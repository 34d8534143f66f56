package state

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// Between taking the lock and signing it, the file still names the process
// that died with it.
func TestLoserIsNotToldOfTheDead(t *testing.T) {
	dead := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ws-1.lock")
	synctest.Test(t, func(t *testing.T) {
		host, _ := os.Hostname()
		l, err := takeLock(t.Context(), path, Holder{PID: dead.Process.Pid, Host: host, RunID: "dead"})
		if err != nil {
			t.Fatal(err)
		}
		defer l.release()
		go func() {
			<-time.After(50 * time.Millisecond)
			if err := l.sign(Holder{PID: os.Getpid(), Host: host, RunID: "alive"}); err != nil {
				t.Error(err)
			}
		}()
		_, err = takeLock(t.Context(), path, Holder{PID: os.Getpid(), Host: host})
		var locked *LockedError
		if !errors.As(err, &locked) || locked.Holder.RunID != "alive" {
			t.Fatalf("got %v", err)
		}
	})
}
