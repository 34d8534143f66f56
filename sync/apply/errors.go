package apply

import core "scim-sync/sync"

const seatHint = "Free or buy a seat, or switch on automatic seat assignment in Attio: Workspace settings > Security > User provisioning (SCIM). The next run goes on with them."

// NotTakenError is an answer that said yes to a change that is not there.
type NotTakenError struct {
	Code   core.Code
	Detail string
	Advice string
}

func (e *NotTakenError) Error() string { return e.Detail }

// Hint says what to do next, where there is more to say than the next run does.
func (e *NotTakenError) Hint() string { return e.Advice }

// notTaken is an answer that said yes to a change that is not there.
func notTaken(what string) error {
	return &NotTakenError{Code: core.AnswerNotTaken, Detail: "Attio answered well, " + what}
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
