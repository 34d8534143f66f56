package attiotest_test

import (
	"net/http"
	"net/url"
	"testing"

	"scim-sync/attio/attiotest"
)

func TestInviteLink(t *testing.T) {
	p := serve(t, site())
	p.do(201, "POST", "/scim/v2/Users", newUser("out@else.test", `,"name":{"givenName":"Ola"},"appRole":"admin"`))
	mail := p.Outbox()[0]
	b := p.browser().open(mail.Link)
	b.shows(200, "Join Acme", "Ola, you", "as an admin", "out@else.test")
	b.from = http.Header{"Sec-Fetch-Site": {"cross-site"}}
	b.post(mail.Link, url.Values{"action": {"accept"}}).shows(403, "not from here")
	b.from = nil
	b.open(mail.Link).submit(mail.Link, url.Values{"action": {"accept"}}).shows(200, "Welcome to Acme")
	m := p.member("out@else.test")
	if m.Status != attiotest.Active || m.Role != attiotest.RoleAdmin || m.Sessions != 1 || p.mails("out@else.test") != "invite welcome" {
		t.Errorf("joined as %+v, mailed %q", m, p.mails("out@else.test"))
	}
	b.open(mail.Link).shows(410, "Already accepted")
	p.browser().open("/invites/guess").shows(404, "No such invite")
}

func TestInviteDeclined(t *testing.T) {
	p := serve(t, site())
	link := p.member(ivy).InviteLink
	b := p.browser().open(link)
	b.submit(link, url.Values{"action": {"decline"}}).shows(200, "declined")
	if _, there := p.Snapshot().Member(ivy); there {
		t.Error("still invited")
	}
	b.open(link).shows(410, "It was declined")
	if err := p.RevokeInvite(ivy); err == nil {
		t.Error("revoked what is not there")
	}
}

func TestLinksCarryTheBaseURL(t *testing.T) {
	p := serve(t, site(), attiotest.WithBaseURL("http://127.0.0.1:9"))
	if err := p.ResendInvite(ivy); err != nil {
		t.Fatal(err)
	}
	if link, err := p.InviteLink(ivy); err != nil || p.Outbox()[0].Link != link || link[:19] != "http://127.0.0.1:9/" {
		t.Errorf("link %q, %v", link, err)
	}
}
