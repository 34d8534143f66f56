package config

import (
	"fmt"
	"io/fs"
	"runtime"
	"strings"
)

// readSecret reads the file of a secret. Why says what is wrong with it,
// without a byte of its content.
func (l *loading) readSecret(k key, path string, at Origin) (store func(*Settings), why string) {
	data, mode, err := l.src.read(path, maxSecret)
	if err != nil {
		return nil, fmt.Sprintf("%s cannot be read: %s", path, cause(err))
	}
	text := strings.TrimRight(string(data), "\r\n")
	if strings.TrimSpace(text) == "" {
		return nil, path + " is empty"
	}
	store, faults := k.decode(plain(text))
	if len(faults) > 0 {
		return nil, path + ": its content " + faults[0].msg
	}
	if everybody(mode) {
		l.record.warnings = append(l.record.warnings, at.problem(k.path+fileSuffix, "everybody on this machine can read %s; run chmod 600 on it", path))
	}
	return store, ""
}

// everybody says whether a file is open to all users of the machine. Windows
// keeps its permissions elsewhere.
func everybody(mode fs.FileMode) bool {
	return runtime.GOOS != "windows" && mode.IsRegular() && mode.Perm()&0o004 != 0
}
