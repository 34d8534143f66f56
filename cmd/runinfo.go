package cmd

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"scim-sync/sync/state"
)

// runInfo says in the journal which run this is and who asked for it.
func (a *app) runInfo(s *session, o applyOptions) state.RunInfo {
	return state.RunInfo{
		RunID: a.runID(), Operator: a.User + "@" + a.Host, CIJob: a.ciJob(), Reason: o.reason,
		ToolVersion: a.Version, SettingsDigest: s.settings.Digest(), Command: "apply", Now: a.Now,
	}
}

// runID names a run: its time, so that runs sort, and some chance.
func (a *app) runID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return a.Now().UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// ciJob names the CI job that runs this, from the variables that the common
// systems set.
func (a *app) ciJob() string {
	var parts []string
	for _, name := range []string{"GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_RUN_ID", "CI_PROJECT_PATH", "CI_JOB_ID", "BUILDKITE_BUILD_URL", "BUILD_URL"} {
		if v, ok := a.LookupEnv(name); ok && v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	return strings.Join(parts, " ")
}
