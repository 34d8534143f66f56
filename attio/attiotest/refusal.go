package attiotest

import "fmt"

// Refusal is why Attio would not do something.
type Refusal struct {
	Status   int    // HTTP
	SCIMType string // RFC 7644 table 9, may be empty
	Type     string // of the REST shape
	Code     string // of the REST shape
	Detail   string
}

func (r *Refusal) Error() string { return r.Detail }

func invalid(scimType, code, format string, args ...any) *Refusal {
	return &Refusal{Status: 400, SCIMType: scimType, Type: "invalid_request_error", Code: code, Detail: fmt.Sprintf(format, args...)}
}

func badSyntax(format string, args ...any) *Refusal {
	return invalid("invalidSyntax", "validation_type", format, args...)
}

func badValue(format string, args ...any) *Refusal {
	return invalid("invalidValue", "validation_type", format, args...)
}

func missing(format string, args ...any) *Refusal {
	return invalid("invalidValue", "missing_value", format, args...)
}

func badPath(format string, args ...any) *Refusal {
	return invalid("invalidPath", "validation_type", format, args...)
}

func badFilter(format string, args ...any) *Refusal {
	return invalid("invalidFilter", "filter_error", format, args...)
}

func notFound(format string, args ...any) *Refusal {
	return &Refusal{Status: 404, Type: "invalid_request_error", Code: "not_found", Detail: fmt.Sprintf(format, args...)}
}

func taken(format string, args ...any) *Refusal {
	return &Refusal{Status: 409, SCIMType: "uniqueness", Type: "invalid_request_error", Code: "slug_conflict", Detail: fmt.Sprintf(format, args...)}
}

func tooMuch(format string, args ...any) *Refusal {
	return &Refusal{Status: 413, SCIMType: "tooMany", Type: "invalid_request_error", Code: "too_large", Detail: fmt.Sprintf(format, args...)}
}

func unauthorized(detail string) *Refusal {
	return &Refusal{Status: 401, Type: "auth_error", Code: "unauthorized", Detail: detail}
}

func forbidden(status int, code, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Type: "auth_error", Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (w *world) lastAdmin(email string) *Refusal {
	return &Refusal{
		Status: w.b.LastAdminStatus, SCIMType: "mutability", Type: "invalid_request_error", Code: "last_admin",
		Detail: fmt.Sprintf("%s is the last admin of the workspace. Make someone else an admin first.", email),
	}
}

func (w *world) noSeat() *Refusal {
	return forbidden(w.b.NoSeatStatus, "quota_exceeded",
		"No free seat is left in this workspace. Add seats, or turn on automatic seat assignment under Workspace settings > Security > User provisioning (SCIM).")
}

func (w *world) noSCIM() *Refusal {
	return forbidden(w.b.NoSCIMStatus, "billing_error",
		"The plan of this workspace does not include SCIM provisioning. It is available on the Enterprise plan.")
}
