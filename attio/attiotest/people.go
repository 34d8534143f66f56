package attiotest

import "strings"

// newcomer is someone to add.
type newcomer struct {
	email, given, family string
	role                 Role
	inactive             bool // ask for a suspended member
}

// provision adds someone: as a member at once when the domain is verified, by
// an invite otherwise (https://attio.com/apps/okta). made is false when
// somebody who was there already is given back.
func (w *world) provision(ws *workspace, n newcomer) (p *person, made bool, err error) {
	n.email = strings.TrimSpace(n.email)
	if !validEmail(n.email) {
		return nil, false, badValue("userName has to be a valid email address.")
	}
	if have := ws.byEmail[fold(n.email)]; have != nil {
		return w.provisionAgain(ws, have, n)
	}
	verified := ws.verified[domainOf(fold(n.email))]
	if !verified || !n.inactive {
		if err := w.takeSeat(ws); err != nil {
			return nil, false, err
		}
	}
	p = &person{
		email: n.email, folded: fold(n.email), given: n.given, family: n.family, role: n.role,
		created: w.now(), changed: w.now(),
	}
	if !verified {
		w.invite(ws, p)
		return p, true, nil
	}
	p.status = Active
	if n.inactive {
		p.status = Suspended
	}
	w.join(ws, p)
	return p, true, nil
}

func (w *world) provisionAgain(ws *workspace, have *person, n newcomer) (*person, bool, error) {
	switch {
	case have.status == Suspended && w.b.SuspendedPostRevives:
		if err := w.reactivate(ws, have, n.role); err != nil {
			return nil, false, err
		}
		return have, true, nil
	case w.b.DuplicateStatus < 300:
		if have.status == Invited {
			w.mailInvite(ws, have)
		}
		return have, false, nil
	}
	r := taken("There is already a user with the userName %s.", n.email)
	r.Status = w.b.DuplicateStatus
	return nil, false, r
}

// takeSeat finds one, or adds a paid one where the workspace allows it.
func (w *world) takeSeat(ws *workspace) error {
	if ws.Seats == 0 || ws.seatsUsed < ws.Seats {
		return nil
	}
	if !ws.AutomaticSeats {
		return w.noSeat()
	}
	for ws.Seats <= ws.seatsUsed {
		ws.Seats++
		ws.seatsAdded++
	}
	return nil
}

// join makes a person a member, linking the Attio account that there is, or
// making one, and tells them by email unless they start suspended.
func (w *world) join(ws *workspace, p *person) {
	acc, made := w.accountFor(p.email, p.given, p.family)
	p.account = acc
	if !made && (w.b.NamesIgnored || p.given == "" && p.family == "") {
		p.given, p.family = acc.given, acc.family
	}
	if p.id == "" {
		p.id = w.newID(ws, "membership", p.folded)
	}
	p.rest = w.restID(ws, p)
	ws.enter(p)
	if p.status != Active {
		return
	}
	w.mail(Mail{To: p.email, Kind: MailAdded, Subject: "You were added to " + ws.Name + " on Attio",
		Text: "An administrator of " + ws.Name + " added you to the workspace. Sign in with " + p.email + "."})
	w.welcome(acc, made)
}

func (w *world) restID(ws *workspace, p *person) string {
	if w.b.IDsEqualRest {
		return p.id
	}
	return w.newID(ws, "workspace_member", p.folded)
}

func (w *world) welcome(acc *account, made bool) {
	if made {
		w.mail(Mail{To: acc.email, Kind: MailWelcome, Subject: "Welcome to Attio",
			Text: "Your Attio account was made for " + acc.email + "."})
	}
}

// invite lists a pending invite and mails its link.
func (w *world) invite(ws *workspace, p *person) {
	p.status = Invited
	if p.id == "" {
		p.id = w.newID(ws, "invite", p.folded)
	}
	p.link = secret()
	ws.invites[p.link] = &inviteEnd{person: p, email: p.email, role: p.role}
	ws.enter(p)
	w.mailInvite(ws, p)
}

func (w *world) mailInvite(ws *workspace, p *person) {
	w.mail(Mail{To: p.email, Kind: MailInvite, Subject: "You are invited to " + ws.Name + " on Attio",
		Text: "Open the link to join " + ws.Name + ".", Link: w.inviteLink(p)})
}

func (w *world) inviteLink(p *person) string { return w.base + "/invites/" + p.link }

// accept turns an invite into a membership with an id of its own.
func (w *world) accept(ws *workspace, p *person) {
	end := ws.invites[p.link]
	end.person, end.why, end.role = nil, "accepted", p.role
	old := p.id
	ws.count(p, -1)
	delete(ws.byID, old)
	p.id = w.newID(ws, "membership", p.folded)
	p.rest = w.restID(ws, p)
	p.status, p.link = Active, ""
	p.created, p.changed = w.now(), w.now()
	ws.byID[p.id], ws.byRest[p.rest], ws.stale[old] = p, p, p
	ws.count(p, +1)
	ws.version++
	if w.b.InviteIDStaysInTeams {
		for _, t := range p.teams {
			if t.shownAs == nil {
				t.shownAs = map[*person]string{}
			}
			t.shownAs[p] = old
		}
	}
	acc, made := w.accountFor(p.email, p.given, p.family)
	p.account = acc
	if !made && w.b.NamesIgnored {
		p.given, p.family = acc.given, acc.family
	}
	w.welcome(acc, made)
}

// endInvite withdraws a pending invite; why is shown to who opens its link.
func (w *world) endInvite(ws *workspace, p *person, why string) {
	end := ws.invites[p.link]
	end.person, end.why = nil, why
	p.changed = w.now()
	ws.leave(p)
}

// suspend ends a membership and its sessions at once; its seat is free.
func (w *world) suspend(ws *workspace, p *person) error {
	if p.status != Active {
		return nil
	}
	if w.isLastAdmin(ws, p) {
		return w.lastAdmin(p.email)
	}
	ws.put(p, p.role, Suspended, p.expert)
	p.changed = w.now()
	w.endSessions(ws, p, "membership suspended")
	if w.b.SuspensionLeavesTeams {
		p.leaveTeams(w.now())
	}
	return nil
}

// reactivate restores a suspended member. No role asked for: member, or the
// one from before with Behaviour.ReactivateKeepsRole.
func (w *world) reactivate(ws *workspace, p *person, role Role) error {
	if p.status != Suspended {
		return nil
	}
	if role == noRole {
		if role = RoleMember; w.b.ReactivateKeepsRole {
			role = p.role
		}
	}
	expert := p.expert && role == RoleAdmin
	if !expert {
		if err := w.takeSeat(ws); err != nil {
			return err
		}
	}
	ws.put(p, role, Active, expert)
	p.changed = w.now()
	return nil
}

func (w *world) setRole(ws *workspace, p *person, role Role) error {
	if p.role == role {
		return nil
	}
	if role != RoleAdmin && w.isLastAdmin(ws, p) {
		return w.lastAdmin(p.email)
	}
	if p.expert && p.status == Active {
		if err := w.takeSeat(ws); err != nil {
			return err // a grant is for admins: as a member they take a seat
		}
	}
	ws.put(p, role, p.status, p.expert && role == RoleAdmin)
	p.changed = w.now()
	return nil
}

// mayReaddress says why a member cannot have an address.
func (w *world) mayReaddress(ws *workspace, p *person, email string) error {
	if !validEmail(strings.TrimSpace(email)) {
		return badValue("userName has to be a valid email address.")
	}
	folded := fold(email)
	if have := ws.byEmail[folded]; have != nil && have != p {
		return taken("There is already a user with the userName %s.", email)
	}
	if have := w.accounts[folded]; have != nil && have != p.account && p.ownsAddress() {
		return taken("There is already an Attio account with the address %s.", email)
	}
	return nil
}

// ownsAddress: the account signs in with the address of the membership.
func (p *person) ownsAddress() bool {
	return p.account != nil && fold(p.account.email) == p.folded
}

// readdress changes a person's address, that of the account behind it too.
func (w *world) readdress(ws *workspace, p *person, email string) error {
	if email = strings.TrimSpace(email); email == p.email {
		return nil
	}
	if err := w.mayReaddress(ws, p, email); err != nil {
		return err
	}
	folded := fold(email)
	if p.ownsAddress() {
		delete(w.accounts, p.folded)
		p.account.email = email
		w.accounts[folded] = p.account
	}
	delete(ws.byEmail, p.folded)
	p.email, p.folded, p.changed = email, folded, w.now()
	ws.byEmail[folded] = p
	ws.version++
	return nil
}

func (w *world) rename(ws *workspace, p *person, given, family string) {
	if p.given == given && p.family == family {
		return
	}
	p.given, p.family, p.changed = given, family, w.now()
	ws.version++
}
