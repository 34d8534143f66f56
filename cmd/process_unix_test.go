//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"testing"
)

// TestMain is also the program of the tests that need a process of their own.
func TestMain(m *testing.M) {
	switch os.Getenv("CMD_TEST_CHILD") {
	case "crash":
		abortOnCrash()
		debug.SetMaxStack(1 << 16)
		_ = overflow(1)
	case "gentle":
		hangUp()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hangUp prints what becomes of a SIGHUP.
func hangUp() {
	ended := make(chan struct{})
	h := heed(sync.OnceFunc(func() { close(ended) }))
	if signal.Ignored(syscall.SIGHUP) {
		_, _ = os.Stdout.WriteString("ignored")
	} else {
		_ = syscall.Kill(os.Getpid(), syscall.SIGHUP)
		<-ended
		_, _ = os.Stdout.WriteString("ended")
	}
	again := h.instead()
	_ = syscall.Kill(os.Getpid(), syscall.SIGHUP)
	<-again
	_, _ = os.Stdout.WriteString(", then told")
}

// overflow needs more stack than there is.
func overflow(n int) int {
	if n == 0 {
		return 0
	}
	return overflow(n+1) + 1
}

func child(t *testing.T, what string, prefix ...string) *exec.Cmd {
	t.Helper()
	line := append(prefix, os.Args[0])
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Env = append(os.Environ(), "CMD_TEST_CHILD="+what)
	return cmd
}

// TestCrashIsNoPendingChange: what nothing can catch ends by a signal, and not
// with 2.
func TestCrashIsNoPendingChange(t *testing.T) {
	cmd := child(t, "crash")
	text, err := cmd.CombinedOutput()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGABRT || !bytes.Contains(text, []byte("stack overflow")) {
		t.Errorf("ended with %v: %.300s", err, text)
	}
}

// TestHangUpStaysIgnoredBelowNohup: who started it so does not want it to end; else
// it ends the program. Of a service it asks, here and there, to read the settings anew.
func TestHangUpStaysIgnoredBelowNohup(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("the tests run below nohup")
	}
	for want, prefix := range map[string][]string{"ended, then told": nil, "ignored, then told": {"sh", "-c", `trap "" HUP; exec "$0"`}} {
		if text, err := child(t, "gentle", prefix...).Output(); err != nil || string(text) != want {
			t.Errorf("it was %s, not %s: %v", text, want, err)
		}
	}
}

// TestADumpIsAnInternalError: the code is 70, and the goroutines are told.
func TestADumpIsAnInternalError(t *testing.T) {
	var b bytes.Buffer
	end := make(chan struct{})
	defer close(end)
	code := untilDumped(func() int {
		_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
		<-end
		return 2
	}, &b)
	if code != 70 || !bytes.Contains(b.Bytes(), []byte("goroutine ")) {
		t.Errorf("%d: %.200s", code, &b)
	}
	if code := untilDumped(func() int { return 3 }, &b); code != 3 {
		t.Error(code)
	}
}

// TestAClosedTerminalEndsNothing: writing to it fails with EIO, which on a file
// is a failure like any other.
func TestAClosedTerminalEndsNothing(t *testing.T) {
	f, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = f.Close() }()
	if n, err := (outlastingWriter{f, []error{syscall.EPIPE, syscall.EIO}}).Write([]byte("text")); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := outlasting(f).Write([]byte("text")); !errors.Is(err, syscall.EIO) {
		t.Errorf("a file's failure is lost: %v", err)
	}
}
