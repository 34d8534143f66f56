package oktatest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// refusal is an answer in Okta's shape of an error
// (https://developer.okta.com/docs/reference/error-codes/).
type refusal struct {
	status  int
	code    string
	summary string
	causes  []string
}

func (e *refusal) Error() string { return e.code + ": " + e.summary }

func (e *refusal) body(errorID string) []byte {
	causes := make([]ordered, 0, len(e.causes))
	for _, c := range e.causes {
		causes = append(causes, ordered{{"errorSummary", c}})
	}
	raw, err := json.Marshal(ordered{
		{"errorCode", e.code}, {"errorSummary", e.summary}, {"errorLink", e.code}, {"errorId", errorID}, {"errorCauses", causes},
	})
	if err != nil {
		return nil
	}
	return raw
}

func invalid(what string, causes ...string) *refusal {
	return &refusal{http.StatusBadRequest, "E0000001", "Api validation failed: " + what, causes}
}

func malformed() *refusal {
	return &refusal{http.StatusBadRequest, "E0000003", "The request body was not well-formed.", nil}
}

func invalidSession() *refusal {
	return &refusal{http.StatusForbidden, "E0000005", "Invalid session", nil}
}

func accessDenied() *refusal {
	return &refusal{http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action", nil}
}

func notFound(id, entity string) *refusal {
	return &refusal{http.StatusNotFound, "E0000007", fmt.Sprintf("Not found: Resource not found: %s (%s)", id, entity), nil}
}

func internalError() *refusal {
	return &refusal{http.StatusInternalServerError, "E0000009", "Internal Server Error", nil}
}

func readOnly() *refusal {
	return &refusal{http.StatusServiceUnavailable, "E0000010", "Service is in read only mode", nil}
}

func invalidToken() *refusal {
	return &refusal{http.StatusUnauthorized, "E0000011", "Invalid token provided", nil}
}

func featureOff() *refusal {
	return &refusal{http.StatusUnauthorized, "E0000015", "You do not have permission to access the feature you are requesting", nil}
}

func alreadyActive() *refusal {
	return &refusal{http.StatusForbidden, "E0000016", "Activation failed because the user is already active", nil}
}

func noSuchMethod() *refusal {
	return &refusal{http.StatusMethodNotAllowed, "E0000022", "The endpoint does not support the provided HTTP method", nil}
}

func invalidCursor() *refusal {
	return &refusal{http.StatusBadRequest, "E0000031", "Invalid cursor.", nil}
}

func invalidSearch() *refusal {
	return &refusal{http.StatusBadRequest, "E0000031", "Invalid search criteria.", nil}
}

func searchAndFilter() *refusal {
	return &refusal{http.StatusBadRequest, "E0000033", "Bad request. Can't specify a search query and filter in the same request.", nil}
}

func wrongState() *refusal {
	return &refusal{http.StatusForbidden, "E0000038", "This operation is not allowed in the user's current status.", nil}
}

func tooMany() *refusal {
	return &refusal{http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.", nil}
}
