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

// fileSet names the files of one state, which lie beside each other.
type fileSet struct {
	Paths
	cache string
}

func fileSetOf(snapshot string) fileSet {
	base := strings.TrimSuffix(snapshot, ".json")
	return fileSet{
		Paths: Paths{
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
func (f fileSet) setAside() ([]int, error) {
	dir, base := filepath.Split(f.Journal)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var numbers []int
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), strings.TrimSuffix(base, "jsonl"))
		text, ok2 := strings.CutSuffix(text, ".jsonl")
		if n, err := strconv.Atoi(text); ok && ok2 && err == nil && n > 0 && strconv.Itoa(n) == text {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, err
}

// part names the part with that number.
func (f fileSet) part(n int) string {
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
