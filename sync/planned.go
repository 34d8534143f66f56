package sync

import "scim-sync/attio"

// Planned is a plan as it is carried out: the document, whose steps say what
// each means for the state, and what else a run has to know. It stands on its
// own: whoever carries it out needs nothing of how it was made.
type Planned struct {
	Plan Plan
	// Blocked: a rail refuses the whole run, and nothing may be written.
	Blocked bool
	// Partial: steps were left out because others were asked for.
	Partial bool
	// Updates are what state learns without a step.
	Updates []Change
	// State is what was managed when the plan was made. FirstRun: it is the
	// first run, or goes on with a first one that was cut off.
	State    Managed
	FirstRun bool
	// Admins are the active admins that count when the last one is kept.
	Admins []Seat
}

// Seat is the place of an active admin.
type Seat struct{ AttioID, Email string }

// SeatOf is a member's place.
func SeatOf(m attio.Member) Seat { return Seat{m.ID, attio.FoldEmail(m.Email)} }

// Changes says whether there is anything to carry out.
func (p *Planned) Changes() bool { return len(p.Plan.Steps) > 0 }

// Whole says whether the plan is about everybody, and not refused as a whole. A
// saved plan that holds all that there is to do is.
func (p *Planned) Whole() bool { return !p.Blocked && !p.Partial }

// Learns are the changes of state that are recorded although no step is carried
// out: of a refused run, only that it was refused, what it was shown, and from when
// on dates count that lie in the future.
func (p *Planned) Learns() []Change {
	if !p.Blocked {
		return p.Updates
	}
	var some []Change
	for _, c := range p.Updates {
		if c.Latch != nil || c.Everyone != nil || !c.NoLaterThan.IsZero() {
			some = append(some, c)
		}
	}
	return some
}

// UntrustedError is an answer that contradicts itself or another one: nothing
// may be written on its strength.
type UntrustedError struct{ Detail, Advice string }

func (e *UntrustedError) Error() string { return e.Detail }

// Hint says what to do next.
func (e *UntrustedError) Hint() string { return e.Advice }
