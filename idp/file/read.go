package file

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"scim-sync/idp"
)

// Open reads a directory file: a JSON document, or a folder of CSV files. An
// error is an *[idp.Error]: of the kind Setting where there is no such file or
// it is of another kind or a newer version, else Untrusted, with the line.
func Open(path string) (*Source, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(path, err)
	case info.IsDir():
		return openCSV(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return parseJSON(filepath.Base(path), withoutMark(data))
}

// withoutMark takes off the byte order mark that some programs put first.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\ufeff")) }

func unreadable(path string, err error) error {
	why := err
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		why = e.Err
	}
	return &idp.Error{Kind: idp.Setting, Op: readOp, Subject: path, Detail: "it cannot be read: " + why.Error(),
		Hint: "Correct idp.file: it names a file that plan --save-directory wrote, or a folder with people.csv, groups.csv, memberships.csv and complete.csv.", Err: err}
}

const readOp = "read the directory file"

// wrongAt is an error in a file, at a line from 1; 0: in the whole file.
func wrongAt(name string, line int, text string) error {
	if line > 0 {
		name = fmt.Sprintf("%s:%d", name, line)
	}
	return &idp.Error{Kind: idp.Untrusted, Op: readOp, Subject: name, Detail: text,
		Hint: "Nothing was concluded from it. Correct the file, or write it anew."}
}

// notOurs is the error of a file that is no directory of a known version.
func notOurs(name, text string) error {
	return &idp.Error{Kind: idp.Setting, Op: readOp, Subject: name, Detail: text,
		Hint: "Name a file that plan --save-directory wrote, or one in the form of docs/directory-file.md; a newer form needs a newer scim-sync."}
}
