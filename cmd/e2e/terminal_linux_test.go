package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"scim-sync/internal/sample"
)

// inTerminal runs the program in a pseudo terminal that many columns wide, as
// somebody at a shell does, and gives all that it wrote there. It has to end with 0.
func inTerminal(t *testing.T, columns uint16, env []string, args ...string) string {
	t.Helper()
	ours, theirs, err := openTerminal(columns)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Args = append([]string{"scim-sync"}, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.Env = append(env, "TERM=xterm-256color", "HOME="+t.TempDir(), sample.LightProcess)
	cmd.Dir = t.TempDir()
	err = cmd.Start()
	_ = theirs.Close() // the last of the program's own ends the reading below
	if err != nil {
		t.Fatal(err)
	}
	output, _ := io.ReadAll(ours) // Linux ends it with EIO
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, output)
	}
	return string(output)
}

// openTerminal opens both ends of a pseudo terminal (pty(7)).
func openTerminal(columns uint16) (ours, theirs *os.File, err error) {
	ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(ours.Fd())
	err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	number := 0
	if err == nil {
		number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: columns})
	}
	if err == nil {
		theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		_ = ours.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}
