package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes. They are part of what scripts rely on and never change
// their meaning.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitPending     = 2
	ExitRefused     = 3
	ExitStepFailed  = 4
	ExitUsage       = 5
	ExitCredential  = 6
	ExitLocked      = 7
	ExitStalePlan   = 8
	ExitInternal    = 70
	ExitUnavailable = 75
	ExitInterrupted = 130
)

// ExitCode is a code with what is said of it.
type ExitCode struct {
	Code    int
	Meaning string // for whoever reads the help
	outcome string // of a run that ended with it
}

// ExitCodes are all codes.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{ExitOK, "done, or nothing to do", "done"},
		{ExitFailed, "failed, or a question was declined", "failed"},
		{ExitPending, "changes are pending (plan --detailed-exitcode)", ""},
		{ExitRefused, "a safety rail refused something", "a safety rail refused something"},
		{ExitStepFailed, "a step failed, whatever else happened; the rest was done", "a step failed"},
		{ExitUsage, "the command line or the settings are wrong", "the settings were wrong"},
		{ExitCredential, "not signed in, or the credential lacks a right", "a credential was missing or lacked a right"},
		{ExitLocked, "another run holds the lock", ""},
		{ExitStalePlan, "the saved plan is stale, changed or already applied", "the saved plan was stale"},
		{ExitInternal, "an internal error", "an internal error"},
		{ExitUnavailable, "a service was unavailable or not to be trusted: try again", "a service was unavailable or not to be trusted"},
		{ExitInterrupted, "interrupted", "interrupted"},
	}
}

// Outcome puts an exit code into words.
func Outcome(code int) string {
	for _, x := range ExitCodes() {
		if x.Code == code && x.outcome != "" {
			return x.outcome
		}
	}
	return "ended"
}

// Meaning is what is said of a code.
func Meaning(code int) string {
	for _, x := range ExitCodes() {
		if x.Code == code {
			return fmt.Sprintf("%s (%d)", x.Meaning, code)
		}
	}
	return fmt.Sprintf("ended with %d", code)
}

// ends is where a command notes with which codes it may end.
const ends = "scim-sync exit codes"

// Ends notes the codes that a command may end with, beside those that every one
// may: for its Annotations.
func Ends(codes ...int) map[string]string {
	var list []string
	for _, c := range append([]int{ExitOK, ExitFailed, ExitUsage, ExitInternal, ExitInterrupted}, codes...) {
		list = append(list, strconv.Itoa(c))
	}
	return map[string]string{ends: strings.Join(list, " ")}
}

// EndsAfterReading is [Ends] for a command that signs in to a side or opens the state.
func EndsAfterReading(codes ...int) map[string]string {
	return Ends(append(codes, ExitRefused, ExitCredential, ExitUnavailable)...)
}

// EndsAfterWriting is [Ends] for a command that takes the lock of the state.
func EndsAfterWriting(codes ...int) map[string]string {
	return EndsAfterReading(append(codes, ExitLocked)...)
}

// ExitCodesOf are those that a command may end with.
func ExitCodesOf(c *cobra.Command) []ExitCode {
	noted := strings.Fields(c.Annotations[ends])
	return slices.DeleteFunc(ExitCodes(), func(x ExitCode) bool { return !slices.Contains(noted, strconv.Itoa(x.Code)) })
}
