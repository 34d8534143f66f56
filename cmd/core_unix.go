//go:build unix

package cmd

import "syscall"

// noCore keeps the system from writing the program's memory to a file.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
