package e2e

import (
	"os"
	"syscall"
)

// peak is the most memory that a process had resident, in bytes.
func peak(ended *os.ProcessState) int64 {
	if u, ok := ended.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10 // Linux counts in KiB
	}
	return 0
}
