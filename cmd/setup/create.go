package setup

import (
	"errors"
	"os"

	"scim-sync/cmd/internal/cli"
)

// create writes a file that is not there yet.
func create(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// unwritable says which file could not be written, and why.
func unwritable(path string, err error) error {
	if at, ok := errors.AsType[*os.PathError](err); ok {
		err = at.Err
	}
	return &cli.UsageError{Text: path + " cannot be written: " + err.Error(), Advice: "Write it elsewhere: scim-sync init --out FILE"}
}
