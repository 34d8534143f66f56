package attiotest

// ErrorShape is the body of a refused SCIM request.
type ErrorShape string

// The two shapes.
const (
	// SCIMErrors: RFC 7644 section 3.12
	// (https://datatracker.ietf.org/doc/html/rfc7644#section-3.12).
	SCIMErrors ErrorShape = "scim"
	// RESTErrors: the shape of the rest of Attio's API, {status_code, type, code, message}.
	RESTErrors ErrorShape = "rest"
)

// RetryAfter is how a 429 says when to come back.
type RetryAfter string

// The forms. Attio documents the HTTP date
// (https://docs.attio.com/rest-api/guides/rate-limiting).
const (
	RetryAfterDate    RetryAfter = "http_date"
	RetryAfterISO     RetryAfter = "iso"
	RetryAfterSeconds RetryAfter = "seconds"
	RetryAfterNone    RetryAfter = "none"
)

// Behaviour holds every guess about what Attio does where its documentation is
// silent or contradicts itself. Start from [DefaultBehaviour], which is the
// most plausible Attio; the zero value is not it.
type Behaviour struct {
	// Lists.

	// PageCap is the most resources of one page. Documented: 100.
	PageCap int `yaml:"page_cap"`
	// DefaultCount is the page size when count is not sent. Default 100.
	DefaultCount int `yaml:"default_count"`
	// ItemsPerPageLies: itemsPerPage repeats totalResults instead of counting
	// the page, as the example on Attio's list page does. Default false.
	ItemsPerPageLies bool `yaml:"items_per_page_lies"`
	// ListSuspended: a list of users without filter includes suspended
	// members. Default true.
	ListSuspended bool `yaml:"list_suspended"`
	// FilterHidesSuspended: a filter does not find suspended members either.
	// Default false.
	FilterHidesSuspended bool `yaml:"filter_hides_suspended"`
	// ListOmitsMembers: a list of groups never carries their members; only a
	// GET of one group does. Default false.
	ListOmitsMembers bool `yaml:"list_omits_members"`
	// EmailFilterCaseSensitive: userName and emails.value are compared with
	// case. Default false.
	EmailFilterCaseSensitive bool `yaml:"email_filter_case_sensitive"`

	// Identity.

	// IDsEqualRest: a membership's SCIM id is the REST workspace_member_id.
	// Default true.
	IDsEqualRest bool `yaml:"ids_equal_rest"`
	// InviteIDStaysInTeams: after an invite was accepted, teams go on listing
	// its person under the invite's id. Default false: under the new one.
	InviteIDStaysInTeams bool `yaml:"invite_id_stays_in_teams"`
	// StaleInviteResolves: the id of an accepted invite still reaches the
	// person. Default false: 404.
	StaleInviteResolves bool `yaml:"stale_invite_resolves"`
	// RolesList: users carry and take roles: [{value, primary}], as Attio's
	// specification had it until May 2026, instead of appRole. Default false.
	RolesList bool `yaml:"roles_list"`

	// Writing users.

	// DuplicateStatus answers a POST for someone who is there already. 409
	// refuses; 200 or 201 answers with the existing user, and mails an invited
	// one again. Default 409.
	DuplicateStatus int `yaml:"duplicate_status"`
	// SuspendedPostRevives: a POST for a suspended member restores it and
	// answers 201. Default false: DuplicateStatus.
	SuspendedPostRevives bool `yaml:"suspended_post_revives"`
	// UnknownRoleIsMember: an appRole other than admin and member counts as
	// member. Default false: 400.
	UnknownRoleIsMember bool `yaml:"unknown_role_is_member"`
	// NamesIgnored: names of people who have an Attio profile of their own are
	// not changed by PATCH and PUT, nor by linking; the answer is 200 all the
	// same. Default false.
	NamesIgnored bool `yaml:"names_ignored"`
	// RoleOnInviteIgnored: PATCH and PUT do not change the role of a pending
	// invite and answer 200 all the same. The role in the POST always counts.
	// Default false.
	RoleOnInviteIgnored bool `yaml:"role_on_invite_ignored"`
	// NamesOnInviteIgnored: the same for names. Default false.
	NamesOnInviteIgnored bool `yaml:"names_on_invite_ignored"`
	// RolesIgnored: PATCH and PUT do not change the role of a member and answer
	// 200 all the same; who comes back from a suspension has the role from before.
	// Default false.
	RolesIgnored bool `yaml:"roles_ignored"`
	// ReactivateKeepsRole: active:true without appRole restores the role from
	// before the suspension. Default false: member.
	ReactivateKeepsRole bool `yaml:"reactivate_keeps_role"`
	// PutChangesUserName: PUT with another userName changes the address.
	// Default true; false: 200 and the address stays.
	PutChangesUserName bool `yaml:"put_changes_user_name"`
	// InviteAddressChanges: PUT may change the address of a pending invite,
	// which is then mailed there. Default false: 400.
	InviteAddressChanges bool `yaml:"invite_address_changes"`
	// PutOmittedClears: PUT is a full replacement, so that what it leaves out
	// returns to its default: no names, role member, active true. Default
	// true; false: it stays as it was.
	PutOmittedClears bool `yaml:"put_omitted_clears"`
	// PatchAnswers204: a PATCH answers 204 without a body. Default false.
	PatchAnswers204 bool `yaml:"patch_answers_204"`
	// DeactivationAnswers204: active:false answers 204 for members too, as
	// older pages of Attio say. Default false: for invites alone.
	DeactivationAnswers204 bool `yaml:"deactivation_answers_204"`
	// PatchKeepsGood: operations before a refused one in the same PATCH stay
	// done. Default false: all or nothing.
	PatchKeepsGood bool `yaml:"patch_keeps_good"`
	// SilentNoop: PATCH and PUT answer 200 and change nothing. Default false.
	SilentNoop bool `yaml:"silent_noop"`
	// NoSeatAnswers201: a POST without a free seat answers 201 and makes
	// nobody. Default false: NoSeatStatus.
	NoSeatAnswers201 bool `yaml:"no_seat_answers_201"`

	// Teams.

	// SuspensionLeavesTeams: a suspended member leaves all teams. Default
	// false: they stay in them.
	SuspensionLeavesTeams bool `yaml:"suspension_leaves_teams"`
	// TeamsHideSuspended: teams do not list their suspended members. Default false.
	TeamsHideSuspended bool `yaml:"teams_hide_suspended"`
	// UnknownTeamMemberIgnored: an id in members that is nobody's is dropped
	// in silence. Default false: 400.
	UnknownTeamMemberIgnored bool `yaml:"unknown_team_member_ignored"`
	// RemoveListEmptiesTeam: remove with path members and a list of values
	// takes everybody out, as some servers do. Default false: those listed.
	RemoveListEmptiesTeam bool `yaml:"remove_list_empties_team"`
	// AddReplacesMembers: add with path members replaces the list, as some
	// servers do. Default false.
	AddReplacesMembers bool `yaml:"add_replaces_members"`
	// TeamNamesCaseSensitive: two teams may differ in case alone. Default false.
	TeamNamesCaseSensitive bool `yaml:"team_names_case_sensitive"`
	// RefusesMember is the address of somebody whom no request may put into a team
	// or take out of one: all of such a request is refused with 400. Default: nobody.
	RefusesMember string `yaml:"refuses_member"`
	// MaxMembersPerWrite is the most memberships one request may change;
	// more is refused with 413. Default 0: no limit.
	MaxMembersPerWrite int `yaml:"max_members_per_write"`

	// Refusals.

	// ErrorShape of SCIM errors. Default SCIMErrors.
	ErrorShape ErrorShape `yaml:"error_shape"`
	// ErrorStatusIsNumber: status in a SCIM error is a number instead of the
	// text RFC 7644 asks for. Default false.
	ErrorStatusIsNumber bool `yaml:"error_status_is_number"`
	// LastAdminMayGo: the workspace may be left without an admin. Attio says that
	// it refuses (https://attio.com/apps/okta); without its help a test sees
	// whether the client takes care by itself. Default false.
	LastAdminMayGo bool `yaml:"last_admin_may_go"`
	// LastAdminStatus refuses to leave the workspace without an admin. Default 400.
	LastAdminStatus int `yaml:"last_admin_status"`
	// NoSeatStatus refuses when no seat is free. Default 403.
	NoSeatStatus int `yaml:"no_seat_status"`
	// NoSCIMStatus refuses when the plan has no SCIM. Default 403.
	NoSCIMStatus int `yaml:"no_scim_status"`
	// ExpertsCountAsAdmins: an expert, who is an admin by a grant that ends
	// within 30 days, may be the last admin. Default false.
	ExpertsCountAsAdmins bool `yaml:"experts_count_as_admins"`

	// Tokens.

	// AuthorMustStayAdmin: a token of someone who was suspended is revoked
	// (401), and one of someone who is no admin any more is refused (403).
	// Default false: a token outlives its author.
	AuthorMustStayAdmin bool `yaml:"author_must_stay_admin"`
	// ReauthorisingRevokes: a new token for an app and workspace revokes the
	// earlier ones. Default false.
	ReauthorisingRevokes bool `yaml:"reauthorising_revokes"`
	// RedirectURIRequired: the token request has to repeat the redirect_uri.
	// Default false: it is compared only when sent.
	RedirectURIRequired bool `yaml:"redirect_uri_required"`

	// Limits.

	// RetryAfter is the form of the header on a 429. Default RetryAfterDate.
	RetryAfter RetryAfter `yaml:"retry_after"`
	// SCIMUnlimited: SCIM does not count towards the rate limits. Default false.
	SCIMUnlimited bool `yaml:"scim_unlimited"`
}

// DefaultBehaviour is the most plausible Attio.
func DefaultBehaviour() Behaviour {
	return Behaviour{
		PageCap:            100,
		DefaultCount:       100,
		ListSuspended:      true,
		IDsEqualRest:       true,
		DuplicateStatus:    409,
		PutChangesUserName: true,
		PutOmittedClears:   true,
		ErrorShape:         SCIMErrors,
		LastAdminStatus:    400,
		NoSeatStatus:       403,
		NoSCIMStatus:       403,
		RetryAfter:         RetryAfterDate,
	}
}

// filled gives the numbers and names that were left empty their defaults.
func (b Behaviour) filled() Behaviour {
	d := DefaultBehaviour()
	for _, f := range []struct{ have, want *int }{
		{&b.PageCap, &d.PageCap}, {&b.DefaultCount, &d.DefaultCount}, {&b.DuplicateStatus, &d.DuplicateStatus},
		{&b.LastAdminStatus, &d.LastAdminStatus}, {&b.NoSeatStatus, &d.NoSeatStatus}, {&b.NoSCIMStatus, &d.NoSCIMStatus},
	} {
		if *f.have == 0 {
			*f.have = *f.want
		}
	}
	if b.ErrorShape == "" {
		b.ErrorShape = d.ErrorShape
	}
	if b.RetryAfter == "" {
		b.RetryAfter = d.RetryAfter
	}
	return b
}
