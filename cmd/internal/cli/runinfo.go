package cli

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"scim-sync/sync/state"
)

// RunInfo says in the journal which run this is and who asked for it. A run that is
// begun before either service has answered is named by the machine's time; no date
// that is kept is.
func RunInfo(p *Program, s *Session, command, reason string) state.RunInfo {
	info := runInfo(p, s.Settings, s.Time, command, reason)
	info.Redated = s.redated()
	return info
}

// RunInfoAlone is [RunInfo] for a command that asks neither side, and so goes by
// the machine's clock.
func RunInfoAlone(p *Program, s *Settings, command, reason string) state.RunInfo {
	return runInfo(p, s, p.Now, command, reason)
}

func runInfo(p *Program, s *Settings, now func() time.Time, command, reason string) state.RunInfo {
	return state.RunInfo{
		RunID: RunID(now()), Operator: p.User + "@" + p.Host, CIJob: ciJob(p), Reason: reason,
		ToolVersion: p.Version, SettingsDigest: s.Digest(), Command: command, Now: now,
	}
}

// RunID names a run: its time, so that runs sort, and some chance.
func RunID(at time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return at.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// ciJob names the CI job that runs this, from the variables that the common
// systems set.
func ciJob(p *Program) string {
	var parts []string
	for _, name := range []string{"GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_RUN_ID", "CI_PROJECT_PATH", "CI_JOB_ID", "BUILDKITE_BUILD_URL", "BUILD_URL"} {
		if v, ok := p.LookupEnv(name); ok && v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	return strings.Join(parts, " ")
}
