package bucket

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"

	"scim-sync/sync/state"
)

// Error is a request to the bucket that failed. It never holds what the server
// was sent or answered, but for the code and the request's id.
type Error struct {
	Doing  string // read, write, delete, list, look at
	Place  string // of the object
	Host   string
	Why    string // a clause
	Next   string // what to do, a sentence
	Status int    // of the answer; 0: there was none
	Code   string // of the answer
	Err    error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s %s at %s: %s", e.Doing, e.Place, e.Host, e.Why)
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Next }

// As makes it what the state's other stores have for the same: what may pass, or
// what the settings and rights have to change first.
func (e *Error) As(target any) bool {
	passes := e.unsure()
	switch to := target.(type) {
	case **state.UnreachableError:
		if passes {
			*to = &state.UnreachableError{Place: e.Place, Why: e.Why, WayOn: e.Next, Err: e.Err}
		}
		return passes
	case **state.RefusedError:
		refused := !passes && !e.full()
		if refused {
			*to = &state.RefusedError{Place: e.Place, Why: e.Why, WayOn: e.Next}
		}
		return refused
	}
	return false
}

// unsure says that the request may have been carried out, or may be when it is
// made again.
func (e *Error) unsure() bool {
	switch e.Status {
	case http.StatusPreconditionFailed, http.StatusConflict, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return true
	case 0:
		return true
	}
	return e.Status >= 500 && !e.full()
}

// full says that there is no room left.
func (e *Error) full() bool { return e.Status == http.StatusInsufficientStorage || noRoom(e.Code) }

func noRoom(code string) bool {
	switch code {
	case "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientCapacity":
		return true
	}
	return false
}

// noAnswer stands for a code where nobody answered.
const noAnswer = "no answer"

func isMissing(err error) bool {
	r, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && r.StatusCode == http.StatusNotFound && r.Code == minio.NoSuchKey
}

// tagError is an ETag that is good for no condition.
type tagError struct{ why string }

func (e *tagError) Error() string { return e.why }

// failed says what went wrong with a request.
func (a *address) failed(doing, name string, err error) error {
	if known, ok := errors.AsType[*NoKeysError](err); ok {
		return known
	}
	e := &Error{Doing: doing, Place: "s3://" + a.bucket, Host: a.endpoint, Err: cause(err)}
	if name != "" {
		e.Place = a.String() + "/" + name
	}
	r, answered := errors.AsType[minio.ErrorResponse](err)
	if !answered {
		e.Why, e.Code = e.Err.Error(), noAnswer
		if strings.HasPrefix(e.Why, "Connection closed by foreign host") { // the library's words for an io.EOF
			e.Why = "the connection was closed without an answer"
		}
		e.Next = silence(err)
		return e
	}
	e.Status, e.Code = r.StatusCode, r.Code
	e.Why = fmt.Sprintf("it answers %d %s", r.StatusCode, r.Code)
	if r.RequestID != "" {
		e.Why += fmt.Sprintf(" (request %.64s)", r.RequestID)
	}
	e.Err = errors.New(e.Why) // the answer's own words may repeat what it was sent
	more, next := meaning(r, doing)
	if more != "" {
		e.Why = more + ": " + e.Why
	}
	e.Next = next
	return e
}

// silence says what to do where nobody answered.
func silence(err error) string {
	var unknown x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var tag *tagError
	switch {
	case errors.As(err, &tag):
		return "A proxy before the server packs answers (gzip) or drops headers: let it pass them as they are."
	case errors.As(err, &unknown), errors.As(err, &wrongName):
		return "The server's certificate is not trusted here: SSL_CERT_FILE names a file with its authority, or endpoint= is another name than in the certificate."
	case errors.Is(err, context.DeadlineExceeded):
		return "Nobody answered in time: look whether the server is up and reached from here, and run this again."
	case strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return "The server speaks plain http: endpoint=http:// is taken for loopback addresses, or with insecure_http=true."
	}
	return "Look whether endpoint= is right and the server is up and reached from here, and run this again."
}

// meaning puts an answer's code into words
// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
func meaning(r minio.ErrorResponse, doing string) (why, next string) {
	if r.StatusCode == http.StatusInsufficientStorage || noRoom(r.Code) {
		return "there is no room left", "Give the bucket or the server's disk some room, and run this again: what was written is whole."
	}
	right := map[string]string{"read": "s3:GetObject, and s3:ListBucket without which a missing object looks forbidden",
		"write": "s3:PutObject, and s3:GetObject", "delete": "s3:DeleteObject", "list": "s3:ListBucket", "look at": "s3:ListBucket"}[doing]
	switch r.Code {
	case "NoSuchBucket":
		return "there is no such bucket", "Make the bucket, or correct its name in state.url; it is never made by itself."
	case "RequestTimeTooSkewed":
		return "the clocks of this machine and the server are too far apart", "Set the clock of this machine right (timedatectl), and run this again."
	case "InvalidAccessKeyId", "XAdminUserNotFound":
		return "the server does not know the key", "Look which key is in use: AWS_ACCESS_KEY_ID, the profile, or the role."
	case "SignatureDoesNotMatch":
		return "the secret key is wrong", "Correct AWS_SECRET_ACCESS_KEY or the profile."
	case "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
		return "the keys have run out", "Get new ones: a session's keys last for hours only."
	case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException":
		if r.Region != "" {
			return "the bucket is in the region " + r.Region, "Write region=" + url.QueryEscape(r.Region) + " in state.url."
		}
		return "the bucket is in another region", "Write its region= in state.url."
	case "InvalidBucketName":
		return "no bucket can have that name", "Correct the name of the bucket in state.url."
	case "SlowDown", "ServiceUnavailable", "TooManyRequests":
		return "the server asks to come back later", "Run this again in a while."
	case "NotImplemented":
		return "the server does not know conditional requests", "Keep the state in a bucket of a server that does; scim-sync doctor says which questions it must answer."
	}
	if r.StatusCode == http.StatusForbidden {
		return "the key has no right to " + doing + " it", "Give it the right " + right + "."
	}
	return "", "Run this again in a while; if it stays so, scim-sync doctor asks the server what it can do."
}
