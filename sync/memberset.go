package sync

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
)

// MemberSet remembers, in some six characters a person, who should have been in
// a team when it was last put right: what differs from it has changed in Okta,
// all else by hand in Attio. It holds 32 bits of a hash of each Okta id; two
// ids with the same bits, one in 4,000 million pairs, would at worst get the
// wrong cause. Empty: nothing is known.
type MemberSet string

// memberSetFormat begins every set; what begins otherwise is not known.
const memberSetFormat = "1:"

// NewMemberSet is the set of some Okta ids.
func NewMemberSet(ids []string) MemberSet {
	marks := make([]uint32, len(ids))
	for i, id := range ids {
		marks[i] = MarkOf(id)
	}
	return SetOfMarks(marks)
}

// MarkOf is what a set holds of an id.
func MarkOf(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return h.Sum32()
}

// SetOfMarks makes the set; it sorts marks.
func SetOfMarks(marks []uint32) MemberSet {
	slices.Sort(marks)
	marks = slices.Compact(marks)
	var text strings.Builder
	text.Grow(len(memberSetFormat) + base64.RawStdEncoding.EncodedLen(4*len(marks)))
	text.WriteString(memberSetFormat)
	var raw, encoded [48]byte // of three marks base64 makes whole characters
	for some := range slices.Chunk(marks, 9) {
		part := raw[:0]
		for _, m := range some {
			part = binary.BigEndian.AppendUint32(part, m)
		}
		text.Write(base64.RawStdEncoding.AppendEncode(encoded[:0], part))
	}
	return MemberSet(text.String())
}

// With is the set once people, by their Okta ids, were put into the team (in) or
// taken out. An empty id is a stranger's, who is in no group.
func (s MemberSet) With(ids []string, in bool) MemberSet {
	marks, known := s.Marks()
	if !known {
		return s
	}
	about := make(map[uint32]bool, len(ids))
	for _, id := range ids {
		if id != "" {
			about[MarkOf(id)] = true
		}
	}
	marks = slices.DeleteFunc(marks, func(m uint32) bool { return about[m] })
	if in {
		marks = slices.AppendSeq(marks, maps.Keys(about))
	}
	return SetOfMarks(marks)
}

// Marks are what the set holds, sorted.
func (s MemberSet) Marks() ([]uint32, bool) {
	text, ok := strings.CutPrefix(string(s), memberSetFormat)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw)%4 != 0 {
		return nil, false
	}
	marks := make([]uint32, 0, len(raw)/4)
	for chunk := range slices.Chunk(raw, 4) {
		marks = append(marks, binary.BigEndian.Uint32(chunk))
	}
	return marks, slices.IsSorted(marks)
}
