// Package halted waits until a process that was sent SIGSTOP stands still. The signal
// comes to one thread of it after the other, and on a busy machine the last of them
// goes on for a while: a test that lets something happen to a stopped process waits
// for that first.
package halted

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Wait returns once all threads of the process are stopped. The error says that there
// is no such process, or is that of ctx.
func Wait(ctx context.Context, pid int) error {
	for {
		still, err := stopped(ctx, pid)
		if err != nil || still {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Millisecond):
		}
	}
}

func stopped(ctx context.Context, pid int) (bool, error) {
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "stat"))
	if err != nil || len(tasks) == 0 { // as where there is no /proc
		said, err := exec.CommandContext(ctx, "ps", "-o", "state=", "-p", strconv.Itoa(pid)).Output()
		if err != nil {
			return false, fmt.Errorf("look at the process %d: %w", pid, err)
		}
		return strings.HasPrefix(strings.TrimSpace(string(said)), "T"), nil
	}
	for _, task := range tasks {
		line, err := os.ReadFile(task)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // a thread that has ended, before it was opened or since
		}
		if err != nil {
			return false, err
		}
		// proc(5): the state follows the name, which stands in brackets.
		_, after, _ := strings.Cut(string(line[strings.LastIndexByte(string(line), ')')+1:]), " ")
		if !strings.HasPrefix(after, "T") {
			return false, nil
		}
	}
	return true, nil
}
