package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sort"
	"time"
)

// Digest is what the plan's id has to be: over everything but the id itself
// and created_at.
func (p Plan) Digest() string {
	p.ID, p.CreatedAt = "", time.Time{}
	h := sha256.New()
	// A struct of strings, numbers and lists of them always encodes.
	if err := json.NewEncoder(h).Encode(p); err != nil {
		panic(err)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// MembersDigest names a set of ids in little room.
func MembersDigest(ids []string) string {
	sorted := append([]string(nil), ids...)
	sort.Strings(sorted)
	h := sha256.New()
	for _, id := range sorted {
		h.Write([]byte(id))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Same says whether two steps are the same change, whatever their numbers.
func (s Step) Same(t Step) bool {
	s.N, t.N = 0, 0
	a, _ := json.Marshal(s)
	b, _ := json.Marshal(t)
	return string(a) == string(b)
}

// Key names what a step is about: the same for the same action on the same
// person or team, whatever it would change.
func (s Step) Key() string {
	if s.Person != nil {
		return string(s.Action) + " person " + s.Person.OktaID
	}
	return string(s.Action) + " team " + s.Team.OktaID
}
