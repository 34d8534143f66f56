package view

import (
	"net/url"
	"regexp"
	"strings"

	core "scim-sync/sync"
)

// links lead from a page to where a person, a group or the workspace is
// administered. Empty where that is not known.
type links struct {
	Okta  string // the org's admin console, https://acme-admin.okta.com
	Attio string
}

// oktaDomains are those under which an org's admin console has an address of a
// known form; an org under a domain of its own does not say under which name it
// is one of these.
func oktaDomains() []string {
	return []string{".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"}
}

var (
	oktaID = regexp.MustCompile(`^[0-9A-Za-z]{6,64}$`)
	slug   = regexp.MustCompile(`^[0-9a-z][0-9a-z-]{0,63}$`)
	label  = regexp.MustCompile(`^[0-9a-z][0-9a-z-]*$`)
)

func linksOf(w core.WorkspaceRef, s core.SourceRef) (l links) {
	org, err := url.Parse(s.OrgURL)
	if err != nil || org.Scheme != "https" || org.Port() != "" {
		return l // a sandbox, or a file
	}
	if slug.MatchString(w.Slug) {
		l.Attio = "https://app.attio.com/" + w.Slug
	}
	for _, domain := range oktaDomains() {
		if name, ok := strings.CutSuffix(strings.ToLower(org.Hostname()), domain); ok && label.MatchString(name) && !strings.HasSuffix(name, "-admin") {
			l.Okta = "https://" + name + "-admin" + domain
		}
	}
	return l
}

// of gives the address of the person or group that a step is about.
func (l links) of(s *core.Step) string {
	switch {
	case l.Okta == "":
	case s.Person != nil && oktaID.MatchString(s.Person.OktaID):
		return l.Okta + "/admin/user/profile/view/" + s.Person.OktaID
	case s.Team != nil && oktaID.MatchString(s.Team.OktaID):
		return l.Okta + "/admin/group/" + s.Team.OktaID
	}
	return ""
}
