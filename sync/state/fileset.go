package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	fileMode   fs.FileMode = 0o600
	folderMode fs.FileMode = 0o700
)

// fileKind is the kind of store of a state in files.
const fileKind = "files"

// fileSet names the files of one state, which lie beside each other.
type fileSet struct {
	Paths
	cache string
}

func fileSetOf(snapshot string) fileSet {
	base := strings.TrimSuffix(snapshot, ".json")
	return fileSet{
		Paths: Paths{
			Kind:     fileKind,
			Snapshot: snapshot,
			Journal:  base + ".journal.jsonl",
			Lock:     base + ".lock",
			Previous: base + ".previous",
		},
		cache: base + ".cache.json",
	}
}

func (f fileSet) folder() string { return filepath.Dir(f.Snapshot) }

// setAside lists the numbers of the parts that were set aside, in order.
func (f fileSet) setAside() ([]uint64, error) { return f.numbered(f.part) }

// cutOff lists the lines before which something torn was cut off, in order.
func (f fileSet) cutOff() ([]uint64, error) { return f.numbered(f.torn) }

// numbered lists the numbers of the files that are there and that name names.
func (f fileSet) numbered(name func(uint64) string) ([]uint64, error) {
	entries, err := os.ReadDir(f.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	base := strings.TrimSuffix(filepath.Base(f.Journal), "jsonl")
	var numbers []uint64
	for _, e := range entries {
		text, _ := strings.CutPrefix(e.Name(), base)
		text = strings.TrimSuffix(strings.TrimPrefix(text, "torn-"), ".jsonl")
		n, err := strconv.ParseUint(text, 10, 64)
		if err == nil && n > 0 && filepath.Base(name(n)) == e.Name() {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

// part names the part with that number.
func (f fileSet) part(n uint64) string {
	return fmt.Sprintf("%s.%d.jsonl", strings.TrimSuffix(f.Journal, ".jsonl"), n)
}

// torn names what is cut off before the line seq.
func (f fileSet) torn(seq uint64) string {
	return fmt.Sprintf("%s.torn-%d", strings.TrimSuffix(f.Journal, ".jsonl"), seq)
}

// previous names the kept snapshot with that serial.
func (f fileSet) previous(serial uint64) string {
	return filepath.Join(f.Previous, fmt.Sprintf("%012d.json", serial))
}
