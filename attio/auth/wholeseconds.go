package auth

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// wholeSeconds carries token requests and writes a life of 3600.0 or 3.6e3
// seconds as 3600: RFC 6749 section 5.1 asks for a number, and x/oauth2 takes
// integers alone.
type wholeSeconds struct{ next http.RoundTripper }

// largestTokenAnswer is the most of an answer that is looked at; x/oauth2 reads
// no more either.
const largestTokenAnswer = 1 << 20

func (t wholeSeconds) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestTokenAnswer))
	_ = resp.Body.Close() // all that counts has been read
	if err != nil {
		return nil, err
	}
	body = withWholeSeconds(body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// withWholeSeconds leaves what needs no change, or is no JSON object, as it is.
func withWholeSeconds(body []byte) []byte {
	var answer map[string]json.RawMessage
	if json.Unmarshal(body, &answer) != nil {
		return body
	}
	said := strings.Trim(string(answer["expires_in"]), `"`)
	seconds, err := strconv.ParseFloat(said, 64)
	if _, whole := strconv.ParseInt(said, 10, 64); err != nil || whole == nil {
		return body
	}
	answer["expires_in"] = strconv.AppendInt(nil, int64(max(min(seconds, math.MaxInt32), math.MinInt32)), 10)
	changed, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return changed
}
