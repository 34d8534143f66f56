package bucket

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// headSize is how long the first line of every object is, newline included: the
// rest is as long as the object without it.
const headSize = 512

// Head is the first line of every object, and says what follows.
type Head struct {
	Format int    `json:"scim_sync"` // 1
	Nonce  string `json:"nonce"`     // another one at every writing
	Epoch  uint64 `json:"epoch"`     // of the writer's hold on the lock
	Serial uint64 `json:"serial"`    // of the snapshot: this one, or the last that is known
	Size   int    `json:"size"`      // of what follows
	SHA256 string `json:"sha256"`    // of what follows
	// Of an object of the journal: the part, where in it these lines begin, and
	// their seqs. An object without lines keeps its name for who made it.
	Part  uint64 `json:"part,omitempty"`
	From  int64  `json:"from,omitempty"`
	First uint64 `json:"first,omitempty"`
	Last  uint64 `json:"last,omitempty"`
	Fence bool   `json:"fence,omitempty"` // its name is one that stays
}

const headFormat = 1

// UnfitError is a body that is not what its head says, or has none: half an
// answer, or no object of this program.
type UnfitError struct{ why string }

func (e *UnfitError) Error() string { return e.why }

// seal puts the head before what follows it.
func (h Head) seal(content []byte) []byte {
	sum := sha256.Sum256(content)
	h.Format, h.Size, h.SHA256 = headFormat, len(content), hex.EncodeToString(sum[:])
	line, err := json.Marshal(h)
	if err != nil || len(line) >= headSize {
		panic("a head that does not fit its line") // numbers and a nonce of ours
	}
	raw := make([]byte, 0, headSize+len(content))
	raw = append(raw, line...)
	raw = append(raw, bytes.Repeat([]byte{' '}, headSize-1-len(line))...)
	raw = append(raw, '\n')
	return append(raw, content...)
}

// unseal gives the head and what follows it.
func unseal(raw []byte) (h Head, content []byte, err error) {
	if len(raw) < headSize {
		return h, nil, &UnfitError{fmt.Sprintf("it has %d bytes, less than its first line", len(raw))}
	}
	if json.Unmarshal(raw[:headSize], &h) != nil || h.Nonce == "" {
		return h, nil, &UnfitError{"its first line is none that this program writes"}
	}
	if h.Format > headFormat {
		return h, nil, errors.New("it was written by a newer scim-sync; use that one")
	}
	content = raw[headSize:]
	if sum := sha256.Sum256(content); len(content) != h.Size || hex.EncodeToString(sum[:]) != h.SHA256 {
		return h, nil, &UnfitError{"it does not fit its own checksum"}
	}
	return h, content, nil
}

// NewID gives an id that nobody else has.
func NewID() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
