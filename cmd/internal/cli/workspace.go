package cli

import (
	"fmt"
	"strings"

	"scim-sync/attio"
	"scim-sync/attio/auth"
	"scim-sync/cmd/view"
	core "scim-sync/sync"
)

// ExpectedWorkspace is the one workspace that may be read and changed.
type ExpectedWorkspace struct {
	Name string // slug or id; empty: nobody has said
	says string // where that comes from, as a clause
	fix  string // how to have it otherwise
}

// ExpectedBy is the workspace that a setting or flag names.
func ExpectedBy(name, workspace string) ExpectedWorkspace {
	return ExpectedWorkspace{workspace, name + " is " + workspace, "correct " + name}
}

// expectedOf is the workspace of a stored sign-in, where nothing else names one.
func expectedOf(l auth.Login) ExpectedWorkspace {
	return ExpectedWorkspace{l.WorkspaceID, "the stored sign-in is to " + l.WorkspaceSlug, "end that one: scim-sync logout"}
}

// Right refuses any workspace but the one that is meant.
func (w ExpectedWorkspace) Right(id attio.Identity) error {
	if w.Name == "" {
		return &UsageError{fmt.Sprintf("attio.workspace is not set; the token is for %s (%s)", id.WorkspaceSlug, id.WorkspaceName),
			"Say which workspace is meant, so that no other is ever changed: attio.workspace: " + id.WorkspaceSlug}
	}
	if id.Is(w.Name) {
		return nil
	}
	return &RailError{core.Refusal{Code: "wrong-workspace", Subject: id.WorkspaceSlug,
		Detail: fmt.Sprintf("the token is for the workspace %s (%s), but %s", id.WorkspaceSlug, id.WorkspaceName, w.says),
		Remedy: "Sign in to the right workspace, or " + w.fix + ". " + nothingDone}}
}

// nothingDone is what became of what was asked for beside the sign-in.
const nothingDone = "Nothing was shown or written."

// WorkspaceName names a workspace for people.
func WorkspaceName(id attio.Identity) string {
	if id.WorkspaceName == "" || id.WorkspaceName == id.WorkspaceSlug {
		return id.WorkspaceSlug
	}
	return id.WorkspaceName + " (" + id.WorkspaceSlug + ")"
}

// ScopesIn names what a token may do.
func ScopesIn(id attio.Identity) string {
	if len(id.Scopes) == 0 {
		return "none"
	}
	return view.Clean(strings.Join(id.Scopes, " "))
}
