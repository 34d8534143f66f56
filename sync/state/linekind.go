package state

// Format is the version of snapshot and journal lines that this program
// writes. A newer one is refused and left untouched.
const Format = 1

// LineKind is what a journal line tells.
type LineKind string

// The kinds of line.
const (
	LineRun       LineKind = "run"       // a run that writes something begins
	LineBind      LineKind = "bind"      // the state is tied to a workspace, org and app
	LineIntent    LineKind = "intent"    // a write is about to be made
	LineOutcome   LineKind = "outcome"   // what became of it
	LineLearn     LineKind = "learn"     // a change that needed no request
	LineOverride  LineKind = "override"  // somebody lifted a safety rail
	LineSettled   LineKind = "settled"   // a later run has looked after unfinished writes
	LineRecovered LineKind = "recovered" // a half written end was cut off
	LineRotated   LineKind = "rotated"   // an older part was set aside
	LineMoved     LineKind = "moved"     // the state is at another place from here on
	LineRestored  LineKind = "restored"  // a state that was backed up has taken the place of this one
	LineEnd       LineKind = "end"       // the run's end; all there is of a run that wrote nothing
)

func (k LineKind) known() bool {
	switch k {
	case LineRun, LineBind, LineIntent, LineOutcome, LineLearn, LineOverride, LineSettled,
		LineRecovered, LineRotated, LineMoved, LineRestored, LineEnd:
		return true
	}
	return false
}

// changes says whether a line of the kind alters what a snapshot would say.
func (k LineKind) changes() bool {
	switch k {
	case LineBind, LineIntent, LineOutcome, LineLearn, LineSettled, LineMoved, LineRestored:
		return true
	}
	return false
}
