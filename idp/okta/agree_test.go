package okta

import (
	"strings"
	"testing"
	"time"

	"scim-sync/idp"
)

// TestDoctorAndPlanAgreeAboutTheList: what the first page of assigned people looks
// like makes both go on, or both stop, for the same reason.
func TestDoctorAndPlanAgreeAboutTheList(t *testing.T) {
	const whole = `{"id":"00u1","status":"ACTIVE","profile":{},"_embedded":{"user":{"id":"00u1","status":"ACTIVE"}}}`
	for name, page := range map[string]string{
		"whole":                       `[` + whole + `]`,
		"nobody":                      `[]`,
		"one without the Okta user":   `[{"id":"00u2","status":"ACTIVE"},` + whole + `]`,
		"all without the Okta user":   `[{"id":"00u1","status":"ACTIVE"},{"id":"00u2","status":"ACTIVE"}]`,
		"with somebody else's user":   `[` + whole + `,{"id":"00u2","status":"ACTIVE","_embedded":{"user":{"id":"00u3","status":"ACTIVE"}}}]`,
		"with an id that none can be": `[` + whole + `,{"id":"../x","status":"ACTIVE","_embedded":{"user":{"id":"../x","status":"ACTIVE"}}}]`,
		"without an id":               `[{"status":"ACTIVE"},` + whole + `]`,
		"no list":                     `{"errorCode":"E0000001"}`,
	} {
		o := newOrg(t)
		o.on(appRoot+"/users", serveJSON(page))
		s := o.source(t)
		_, err := o.read(t, s)
		var doctor error
		for _, c := range s.Check(t.Context(), CheckQuery{Teams: idp.AssignedGroups, Share: 0.75, Now: time.Now}) {
			if c.Code == checkRights {
				doctor = c.Err
			}
		}
		switch {
		case (err == nil) != (doctor == nil), err != nil && idp.KindOf(err) != idp.KindOf(doctor):
			t.Errorf("%s: plan says %v, doctor %v", name, err, doctor)
		case err != nil && why(err) != why(doctor):
			t.Errorf("%s: plan says %q, doctor %q", name, why(err), why(doctor))
		}
	}
}

// why is the last part of an error: its reason.
func why(err error) string {
	parts := strings.Split(err.Error(), ": ")
	return parts[len(parts)-1]
}
