package planner

// allowance is one of the flags that lift caps for one run: when it names
// exactly the plan's number, and only then.
type allowance struct {
	flag  string
	given *int
	n     int // the plan's number
	what  string
	made  string // of what the number is made; empty where that is plain
}

// offer is a command with what it lifts.
type offer struct {
	command string
	lifts   []allowance
}

// lifts says whether the caps are lifted.
func (a allowance) lifts() bool { return a.given != nil && *a.given > 0 && *a.given == a.n }

// wrong says whether another number was given than the plan's.
func (a allowance) wrong() bool { return a.given != nil && *a.given != a.n }
