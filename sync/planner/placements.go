package planner

// placements are where the plan leaves everybody.
type placements struct {
	*roster
	of []placement // by the identities' n
}

// account is the address to call somebody by in a step: that of their account,
// and Okta's once the plan gives them that one.
func (p placements) account(s *identity) string {
	if p.of[s.n].moves {
		return s.email()
	}
	return p.roster.account(s)
}
