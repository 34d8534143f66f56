//go:build !windows

package halted

import (
	"os/exec"
	"syscall"
	"testing"
)

// TestAStoppedProcessStandsStill: and one that goes on does not, and one that is gone
// is an error.
func TestAStoppedProcessStandsStill(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if still, err := stopped(t.Context(), cmd.Process.Pid); still || err != nil {
		t.Errorf("it goes on: %v, %v", still, err)
	}
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := Wait(t.Context(), cmd.Process.Pid); err != nil {
		t.Error(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := Wait(t.Context(), cmd.Process.Pid); err == nil {
		t.Error("nothing stands still there")
	}
}
