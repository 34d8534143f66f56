package scim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"scim-sync/attio"
)

// sort says to which requests a guess applies.
type sort int

const (
	allRequests sort = iota
	reads
	writes
)

// guess says which kind of failure an answer is that has one of the statuses
// and words that match.
type guess struct {
	statuses []int // any of these; empty: every 4xx
	words    *regexp.Regexp
	kind     attio.ErrorKind
	of       sort
}

// aboutPlan are words about what the workspace pays for.
const aboutPlan = `\bbilling|\b(?:your|this|current|enterprise) plan\b|\bplan does not\b|\bupgrade\b|\bsubscription\b|\bnot (?:enabled|available) (?:for|on|in) (?:this|your) workspace`

// guesses are tried in order. Attio documents no error of its SCIM interface;
// its REST interface has auth_error with billing_error, quota_exceeded and
// unauthorized. All guesses of wording are here and nowhere else.
//
// That the plan or the token is at fault is concluded from answers to reads
// alone: what refuses one write may concern that person, that team or a seat.
var guesses = [...]guess{ //nolint:gochecknoglobals // compiled once, never changed
	{kind: attio.LastAdmin, words: regexp.MustCompile(
		`\blast[_ ](?:remaining |active |workspace )*admin|\b(?:only|sole)[_ ](?:remaining |active |workspace )*admin(?:istrator)?\b` +
			`|\bat least one (?:other |active |workspace )*admin|\bwithout (?:an |any )?(?:active )?admin|\bno (?:other )?admins? (?:left|remain)`)},
	{kind: attio.NoSeat, of: writes, words: regexp.MustCompile(`\bseats?\b|\bseat_|_seats?\b|\bquota_exceeded\b`)},
	{kind: attio.NoSeat, of: writes, statuses: []int{http.StatusPaymentRequired, http.StatusForbidden}, words: regexp.MustCompile(
		`\b(?:maximum number of|maximum|too many|limit of) (?:\w+ )?(?:users|members|people|licen[cs]es)\b|\b(?:user|member|licen[cs]e) limit\b`)},
	{kind: attio.NoSCIM, of: reads, statuses: []int{http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound}, words: regexp.MustCompile(aboutPlan)},
	{kind: attio.Refused, of: writes, statuses: []int{http.StatusNotFound}, words: regexp.MustCompile(aboutPlan)}, // not that something is gone
	{kind: attio.MissingScope, of: reads, statuses: []int{http.StatusForbidden}, words: regexp.MustCompile(
		`\bscopes?\b|_scope\b|\buser_management\b|\bunauthorized\b|\bnot authori[sz]ed\b|\bpermissions?\b`)},
	{kind: attio.Conflict, statuses: []int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}, words: regexp.MustCompile(
		`\buniqueness\b|\bslug_conflict\b|\balready (?:exists?|taken|in use|a member|been (?:taken|used|invited))\b|\bmust be unique\b|\bduplicate\b`)},
}

func isRead(method string) bool { return method == http.MethodGet }

// classify sorts an answer that is not 2xx by the method, its status, its machine
// words, and those for people without what they quote. Where the machine words
// say what it is, the others do not count: a name may hold any word.
func classify(method string, status int, codes, detail string) attio.ErrorKind {
	asked := writes
	if isRead(method) {
		asked = reads
	}
	if status >= 400 && status < 500 && status != http.StatusUnauthorized && status != http.StatusTooManyRequests {
		for _, words := range []string{strings.ToLower(codes), strings.ToLower(detail)} {
			for _, g := range guesses {
				if g.applies(status, asked) && g.words.MatchString(words) {
					return g.kind
				}
			}
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return attio.NotSignedIn
	case status == http.StatusPaymentRequired && asked == reads:
		return attio.NoSCIM
	case (status == http.StatusNotFound || status == http.StatusGone) && method != http.MethodPost:
		return attio.Gone // a creation names nothing that could have gone
	case status == http.StatusConflict:
		return attio.Conflict
	case status == http.StatusTooManyRequests:
		return attio.RateLimited
	case status == http.StatusRequestTimeout, status == http.StatusLocked, status == http.StatusTooEarly:
		return attio.Unavailable
	case status == http.StatusNotImplemented, status == http.StatusHTTPVersionNotSupported:
		return attio.Refused
	case status >= 500:
		return attio.Unavailable
	case status >= 300 && status < 400:
		return attio.Untrusted
	}
	return attio.Refused
}

// quoting finds values that an answer shows: in quotation marks, or an address.
var quoting = regexp.MustCompile("\"[^\"]*\"|“[^”]*”|`[^`]*`|\\B'[^']*'\\B|\\S*@\\S*") //nolint:gochecknoglobals // compiled once, never changed

// unquoted is what an error says without the values that it shows and that were
// sent: a person or a team may be called anything.
func unquoted(detail string, c call) string {
	detail = quoting.ReplaceAllString(strings.ToLower(detail), " ")
	for _, value := range append(sentValues(c.body), c.subject) {
		if value = strings.ToLower(strings.TrimSpace(value)); len(value) > 1 {
			detail = withoutWord(detail, value)
		}
	}
	return detail
}

// withoutWord takes a value out of a text where it stands by itself.
func withoutWord(text, value string) string {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	var b strings.Builder
	for {
		i := strings.Index(text, value)
		if i < 0 {
			return b.String() + text
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(value):])
		b.WriteString(text[:i])
		if inWord(before) || inWord(after) {
			b.WriteString(value)
		} else {
			b.WriteByte(' ')
		}
		text = text[i+len(value):]
	}
}

// sentValues are the names and addresses in the body of a request.
func sentValues(body any) []string {
	raw, err := json.Marshal(body)
	var sent any
	if err != nil || json.Unmarshal(raw, &sent) != nil {
		return nil
	}
	var values []string
	collect(sent, &values)
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	return values
}

func collect(v any, values *[]string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			collect(item, values)
		}
	case map[string]any:
		for key, item := range v {
			text, isText := item.(string)
			role := text == string(attio.RoleAdmin) || text == string(attio.RoleMember)
			switch {
			case !isText:
				collect(item, values)
			case key != "op" && key != "path" && key != "type" && key != "$ref" && !role:
				*values = append(*values, text)
			}
		}
	}
}

func (g guess) applies(status int, asked sort) bool {
	return (g.of == allRequests || g.of == asked) && (len(g.statuses) == 0 || slices.Contains(g.statuses, status))
}

// reachUnknown says whether a refusal of that kind may concern the one thing
// that was to be written, as well as the token or the plan.
func reachUnknown(method string, status int, kind attio.ErrorKind) bool {
	if isRead(method) || kind != attio.Refused && kind != attio.NotSignedIn {
		return false
	}
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// hint says what to do next about a failure of a kind. The places are those of
// Attio's help pages (https://attio.com/help/reference/workspace-settings-billing/security/provision-users-and-teams-with-scim).
func hint(kind attio.ErrorKind) string {
	switch kind {
	case attio.Unavailable:
		return "Try again later; check the network, the proxy and the addresses attio.api_url and attio.scim_url if it stays so."
	case attio.Untrusted:
		return "Nothing was concluded from this answer. Try again; if it stays so, check attio.api_url and attio.scim_url and what stands between here and Attio."
	case attio.RateLimited:
		return "Try again later, or lower attio.reads_per_second and attio.writes_per_second; other apps of the workspace may share the limit."
	case attio.NotSignedIn:
		return "Sign in again with `scim-sync login`, or give a valid token in attio.token."
	case attio.MissingScope:
		return "Give the token user_management:read-write (user_management:read is enough to plan): tick it in the app's Scopes tab at build.attio.com and sign in again, " +
			"or set User Management to Read-write for the token under Workspace settings > Developers."
	case attio.NoSCIM:
		return "SCIM is part of Attio's Enterprise plan: have a workspace admin check the plan in Workspace settings and that SCIM is set up under Workspace settings > Security > User provisioning (SCIM)."
	case attio.NoSeat:
		return "Free or buy a seat, or turn on automatic seat assignment under Workspace settings > Security > User provisioning (SCIM); that adds paid seats without asking."
	case attio.LastAdmin:
		return "Make another active member an admin first."
	case attio.Conflict:
		return "See who or what has this address or name in Attio; release or rename it there, or link it."
	case attio.Gone:
		return "It is no longer in Attio under this id; the next run looks for it anew."
	case attio.Misplaced:
		return "Nothing of Attio's answers there: check attio.api_url and attio.scim_url; a workspace whose plan has no SCIM may answer like this too."
	case attio.NotMade:
		return "Attio answered that it was made, and it is not there: see whether the workspace has a free seat. The next run tries again."
	case attio.Refused:
		return "Repeating it will not help: see Attio's words, and change the value or the setting they name."
	}
	return ""
}
