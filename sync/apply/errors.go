package apply

import core "scim-sync/sync"

const seatHint = "Free or buy a seat, or switch on automatic seat assignment in Attio: Workspace settings > Security > User provisioning (SCIM). The next run goes on with them."

// NotTakenError is an answer that said yes to a change that is not there.
type NotTakenError struct {
	Code   core.Code
	Detail string
}

func (e *NotTakenError) Error() string { return e.Detail }

// Hint says what to do next, where there is more to say than the next run does.
func (e *NotTakenError) Hint() string {
	if e.Code == core.EmailNotChanged {
		return "Change the address by hand in Attio. The next run refuses it and names the way to a new account."
	}
	return ""
}

// notTaken is an answer that said yes to a change that is not there.
func notTaken(what string) error {
	return &NotTakenError{core.AnswerNotTaken, "Attio answered well, " + what}
}

// RefusedError is a rail that said no at the last moment.
type RefusedError struct {
	Code   core.Code
	Detail string
	Advice string
}

func (e *RefusedError) Error() string { return string(e.Code) + ": " + e.Detail }

// Hint says what to do next.
func (e *RefusedError) Hint() string { return e.Advice }
