package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"scim-sync/internal/piecewise"
)

// Digest is what the plan's id has to be: over everything but the id itself
// and created_at. It is worked out once, when the plan is ready.
func (p Plan) Digest() string {
	p.ID, p.CreatedAt = "", time.Time{}
	h := sha256.New()
	digestTo(h, p)
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// digestTo writes the plan as [json.Encoder] does.
func digestTo(w io.Writer, p Plan) {
	if err := p.Encode(w, true); err != nil {
		panic(err) // a hash takes everything
	}
	_, _ = io.WriteString(w, "\n")
}

// Encode writes the plan as [json.Marshal] would, an entry at a time: of 100,000
// people the whole is some hundred megabytes. Each Write ends between two
// tokens. Without escapeHTML, <, > and & stand as they are. The error is w's.
func (p Plan) Encode(w io.Writer, escapeHTML bool) error {
	o := piecewise.NewObject(w, escapeHTML)
	o.Fields(struct {
		FormatVersion int          `json:"format_version"`
		ID            string       `json:"id"`
		CreatedAt     time.Time    `json:"created_at"`
		ScimSync      string       `json:"scim_sync"`
		Workspace     WorkspaceRef `json:"workspace"`
		Source        SourceRef    `json:"source"`
		Only          string       `json:"only,omitempty"`
		Summary       Summary      `json:"summary"`
	}{p.FormatVersion, p.ID, p.CreatedAt, p.ScimSync, p.Workspace, p.Source, p.Only, p.Summary})
	piecewise.List(o, "steps", p.Steps)
	piecewise.List(o, "held", p.Held)
	piecewise.List(o, "refusals", p.Refusals)
	piecewise.List(o, "notes", p.Notes)
	piecewise.List(o, "unmanaged", p.Unmanaged)
	piecewise.List(o, "unmanaged_teams", p.UnmanagedTeams)
	return o.End()
}
