package pages

import (
	"net"
	"net/http"
	"strings"
)

// Admits says whether a request may reach a page, and answers if not: it has to
// name this machine as its Host, for a site that has its own name lead here
// would otherwise read the pages (DNS rebinding), and a change has to come from
// a page of the same origin, or from no browser at all
// ([http.CrossOriginProtection]).
func (s *Set) Admits(w http.ResponseWriter, r *http.Request) bool {
	if !OwnHost(r.Host) {
		s.Message(w, http.StatusMisdirectedRequest, "Nothing here", "These pages answer under the address of this machine alone, such as 127.0.0.1 or localhost.")
		return false
	}
	if err := new(http.CrossOriginProtection).Check(r); err != nil {
		s.Message(w, http.StatusForbidden, "This form is not from here", "Another site sent it. Open the page here and repeat it there.")
		return false
	}
	return true
}

// OwnHost says whether a Host header names this machine in a way that nobody
// else can give away: localhost, or an IP address.
func OwnHost(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	return strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil
}
