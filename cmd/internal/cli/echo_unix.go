//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package cli

import "golang.org/x/sys/unix"

// hideTyping lets a terminal not show what is typed until the function that it
// gives is called. What is no terminal is left alone.
func hideTyping(fd int) (show func()) {
	before, err := unix.IoctlGetTermios(fd, readTerminal)
	if err != nil {
		return func() {}
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(fd, writeTerminal, &hidden) != nil {
		return func() {}
	}
	return func() { _ = unix.IoctlSetTermios(fd, writeTerminal, before) }
}
