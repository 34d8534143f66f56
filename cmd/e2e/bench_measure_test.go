package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// build builds the program as for a release.
func build(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "scim-sync")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, root)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// measured is what one process came to.
type measured struct {
	Exit           int
	Wall, CPU      time.Duration
	Memory         int64 // the most that was resident, bytes; 0 where it was not seen
	Stdout, Stderr string
}

// order is what measure asks of its helper.
type order struct {
	Program, Dir string
	Env, Args    []string
}

// measure runs the program as the child of a small process of its own, which has
// nothing else to do than to look after it.
func measure(b *testing.B, program string, env []string, dir string, args []string) measured {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	in, err := json.Marshal(order{Program: program, Dir: dir, Env: env, Args: args})
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Args, cmd.Stdin, cmd.Stderr = []string{"scim-sync-measure"}, bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	var m measured
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	if err != nil {
		b.Fatalf("measure %v: %v\n%s", args, err, out)
	}
	return m
}

// measuring is the helper: it reads an order and writes what was measured.
func measuring() {
	var o order
	in, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.Unmarshal(in, &o)
	}
	var m measured
	if err == nil {
		m, err = o.carryOut()
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (o order) carryOut() (measured, error) {
	cmd := exec.Command(o.Program, o.Args...)
	cmd.Dir, cmd.Env = o.Dir, o.Env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &tailKept{b: &stdout}, &stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return measured{}, err
	}
	ended, most := make(chan struct{}), make(chan int64)
	go func() { most <- highWater(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	m := measured{Wall: time.Since(began), Stdout: stdout.String(), Stderr: stderr.String()}
	close(ended)
	m.Memory = <-most
	if cmd.ProcessState == nil {
		return m, err
	}
	m.Exit, m.CPU = cmd.ProcessState.ExitCode(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	return m, nil
}

// highWater looks, until a process has ended, at the most memory it ever had
// resident: VmHWM (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html).
// Linux begins it anew with each program, while ru_maxrss of a child carries its
// parent's. It never falls, so that only what the last two milliseconds add is
// missed.
func highWater(pid int, ended <-chan struct{}) (most int64) {
	every := time.NewTicker(2 * time.Millisecond)
	defer every.Stop()
	path := fmt.Sprintf("/proc/%d/status", pid)
	for {
		b, err := os.ReadFile(path)
		if now, ok := statusField(b, "VmHWM:"); err == nil && ok {
			most = now
		}
		select {
		case <-ended:
			return most
		case <-every.C:
		}
	}
}

// statusField is a size in /proc/PID/status, in bytes. A process that has ended
// has none.
func statusField(status []byte, name string) (int64, bool) {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// tailKept keeps the last 64 KiB of what is written.
type tailKept struct{ b *bytes.Buffer }

func (t *tailKept) Write(p []byte) (int, error) {
	const most = 64 << 10
	if t.b.Len()+len(p) > 2*most {
		kept := append([]byte(nil), t.b.Bytes()[max(0, t.b.Len()-most):]...)
		t.b.Reset()
		t.b.Write(kept)
	}
	t.b.Write(p[max(0, len(p)-most):])
	return len(p), nil
}
