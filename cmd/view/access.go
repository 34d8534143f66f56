package view

import (
	"bytes"
	"io"
	"iter"
	"strings"
	"time"

	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/planner"
)

// accessVersion is the version of the access report's formats. They only grow.
const accessVersion = 1

// AccessReport is everybody who has a place in a workspace. It is written a place
// at a time.
type AccessReport struct {
	Workspace core.WorkspaceRef
	Source    core.SourceRef
	At        time.Time // of the reading
	ScimSync  string    // version of the program
	Places    iter.Seq[planner.Access]
	// Last gives what was last done about somebody, nil for nothing.
	Last func(planner.Access) *LastChange
}

// LastChange is the last line of the journal about somebody that says that
// something was done.
type LastChange struct {
	Action core.Action `json:"action,omitempty"` // empty: no step, but somebody's command
	What   string      `json:"what"`             // in words: "suspended", "added to Sales"
	At     time.Time   `json:"at"`
	Run    string      `json:"run"`
	By     string      `json:"by"` // who ran scim-sync
	Proof  *idp.Proof  `json:"proof,omitempty"`
	// Log is who took it away in the source, by its log; nil: that is not known.
	Log *core.Witnessed `json:"log,omitempty"`
}

// accessColumns are the columns of the CSV, in their order; new ones come at the
// end. docs/access-report.md explains them.
func accessColumns() []string {
	return []string{"email", "name", "status", "role", "teams", "management", "protected", "managed_since",
		"okta_access", "okta_status", "assigned", "assigned_group", "role_from", "admin_groups",
		"last_change", "last_change_at", "last_change_run", "last_change_by", "last_change_proof", "last_change_okta", "okta_id", "attio_id"}
}

// accessRow is one place in the order of the columns.
func (v voice) accessRow(a planner.Access, last *LastChange) []string {
	var c LastChange
	if last != nil {
		c = *last
	}
	group, proof, log := "", "", ""
	if a.Via != nil {
		group = firstOf(a.Via.Name, a.Via.ID)
	}
	if c.Proof != nil {
		proof = v.proofWords(*c.Proof)
	}
	if c.Log != nil {
		log = v.witnessedWords(*c.Log)
	}
	row := []string{a.Email, a.Name, string(a.Status), string(a.Role), strings.Join(a.Teams, "; "), string(a.Management), yesNo(a.Protected), stamp(a.Since),
		a.Access, a.OktaStatus, a.Assigned, group, a.RoleFrom, strings.Join(a.AdminGroups, "; "),
		c.What, stamp(c.At), c.Run, c.By, proof, log, a.OktaID, a.AttioID}
	return row
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// AccessCSV writes the report by RFC 4180, UTF-8, the names of the columns first.
// No cell is a formula to a spreadsheet.
func AccessCSV(w io.Writer, r AccessReport) error {
	t := newCSV(w, accessColumns()...)
	for a := range r.Places {
		t.row(t.accessRow(a, r.Last(a))...)
		if t.out.err != nil {
			return t.out.err
		}
	}
	return t.end()
}

// AccessJSON writes the report for programs: one object, its people a line each.
func AccessJSON(w io.Writer, r AccessReport) error {
	out := &lineWriter{w: w}
	head := struct {
		FormatVersion int               `json:"format_version"`
		At            time.Time         `json:"at"`
		ScimSync      string            `json:"scim_sync"`
		Workspace     core.WorkspaceRef `json:"workspace"`
		Source        core.SourceRef    `json:"source"`
	}{accessVersion, r.At.UTC(), r.ScimSync, r.Workspace, r.Source}
	text, err := jsonLine(head)
	if err != nil {
		return err
	}
	out.put(string(text[:len(text)-1]) + `,"people":[`)
	before := "\n"
	for a := range r.Places {
		text, err := jsonLine(struct {
			planner.Access
			LastChange *LastChange `json:"last_change"`
		}{a, r.Last(a)})
		if err != nil {
			return err
		}
		out.put(before + string(text))
		if before = ",\n"; out.err != nil {
			return out.err
		}
	}
	out.put("\n]}\n")
	return out.flush()
}

// jsonLine is a document in one line.
func jsonLine(document any) ([]byte, error) {
	var b bytes.Buffer
	if err := writeJSON(&b, document, ""); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
