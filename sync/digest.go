package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"
)

// Digest is what the plan's id has to be: over everything but the id itself
// and created_at. It is worked out once, when the plan is ready.
func (p Plan) Digest() string {
	p.ID, p.CreatedAt = "", time.Time{}
	h := sha256.New()
	digestTo(h, p)
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// digestTo writes the plan as JSON, in the form of encoding/json with a newline
// at the end, an entry at a time: of 100,000 people the whole is some hundred
// megabytes.
func digestTo(w io.Writer, p Plan) {
	head := encoded(struct {
		FormatVersion int          `json:"format_version"`
		ID            string       `json:"id"`
		CreatedAt     time.Time    `json:"created_at"`
		ScimSync      string       `json:"scim_sync"`
		Workspace     WorkspaceRef `json:"workspace"`
		Source        SourceRef    `json:"source"`
		Only          string       `json:"only,omitempty"`
		Summary       Summary      `json:"summary"`
	}{p.FormatVersion, p.ID, p.CreatedAt, p.ScimSync, p.Workspace, p.Source, p.Only, p.Summary})
	_, _ = w.Write(head[:len(head)-1]) // a hash takes everything
	digestList(w, "steps", p.Steps)
	digestList(w, "held", p.Held)
	digestList(w, "refusals", p.Refusals)
	digestList(w, "notes", p.Notes)
	digestList(w, "unmanaged", p.Unmanaged)
	digestList(w, "unmanaged_teams", p.UnmanagedTeams)
	_, _ = w.Write([]byte("}\n"))
}

func digestList[T any](w io.Writer, name string, list []T) {
	_, _ = w.Write([]byte(`,"` + name + `":`))
	if list == nil {
		_, _ = w.Write([]byte("null"))
		return
	}
	var room bytes.Buffer
	entry := json.NewEncoder(&room)
	room.WriteByte('[')
	for i := range list {
		if i > 0 {
			room.WriteByte(',')
		}
		if err := entry.Encode(&list[i]); err != nil {
			panic(err) // structs of strings, numbers and lists of them always encode
		}
		room.Truncate(room.Len() - 1) // the newline
		_, _ = w.Write(room.Bytes())
		room.Reset()
	}
	room.WriteByte(']')
	_, _ = w.Write(room.Bytes())
}

// encoded is v as JSON. Structs of strings, numbers and lists of them always
// encode.
func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
