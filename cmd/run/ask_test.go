package run

import (
	"testing"

	core "scim-sync/sync"
)

func TestTheQuestionCountsSteps(t *testing.T) {
	for n, want := range map[int]string{
		1: `Apply this step to Acme? Only "yes" does: `,
		2: `Apply these 2 steps to Acme? Only "yes" does: `,
	} {
		if got := question(&core.Plan{Workspace: core.WorkspaceRef{Name: "Acme"}, Steps: make([]core.Step, n)}); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
