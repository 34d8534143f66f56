package sync

import (
	"scim-sync/attio"
	"scim-sync/idp"
)

// decide settles what should be true of a subject.
func (d *diff) decide(s *subject) error {
	switch {
	case s.entry.Released:
		s.want = leave
	case s.person != nil:
		d.decideAccess(s, s.person.Access)
	default:
		return d.decideAbsent(s)
	}
	return nil
}

func (d *diff) decideAccess(s *subject, a idp.Access) {
	switch a {
	case idp.Granted:
		s.want = in
	case idp.Revoked:
		s.want = out
	case idp.Suspended:
		s.want = out
		if d.in.Policy.KeepSuspended {
			s.want = leave
		}
	default:
		s.want = leave
		if s.person != nil {
			d.note("waiting", s.email(), "is "+words(s.person)+" in Okta: neither here nor gone, left as they are")
		}
	}
}

func words(p *idp.Person) string {
	if p.UserStatus != "" && p.UserStatus != p.AppStatus {
		return p.AppStatus + " (user " + p.UserStatus + ")"
	}
	return p.AppStatus
}

// decideAbsent settles someone whom state knows and Okta's list does not. The
// list alone proves nothing: the source is asked by id.
func (d *diff) decideAbsent(s *subject) error {
	s.want = out
	st, asked := d.in.Standings[s.id]
	m := d.at(s)
	if !asked {
		s.doubtful = !d.in.Policy.Protect.TrustAbsence
		matters := m != nil && m.Status != attio.Suspended || m == nil && s.entry.Applied.Active
		if matters && !d.in.Policy.Protect.TrustAbsence && !d.protects(s) {
			d.absent = append(d.absent, s.id)
		}
		return nil
	}
	s.proof = &st.Proof
	switch {
	case !st.Listed || st.Access == idp.Revoked:
	case st.Access == idp.Granted:
		return &UntrustedError{
			Detail: "Okta's list of assigned people leaves out " + s.email() + " (" + s.id + "), but asked for that very person Okta says they are assigned",
			Hint:   "Nothing was written. Okta's lists trail its writes by seconds: run again; if it stays so, the list is not to be trusted.",
		}
	default:
		person := st.Person
		s.person = &person
		d.decideAccess(s, st.Access)
	}
	return nil
}
