package config

import (
	"slices"
	"strings"
	"time"

	"scim-sync/idp"
	"scim-sync/sync"
)

// key is one setting: the only place where it is written down.
type key struct {
	path string
	// def is the default, written as in the file; empty for none.
	def string
	doc string
	// required lists the needs that cannot do without it, used those that
	// look at it.
	required, used Need
	// secret values are never shown, and have a second key that ends in _file.
	secret bool
	// fileOf is the secret whose file this key names.
	fileOf string
	binding
}

// variable is the environment variable that sets the key.
func (k key) variable() string { return variableOf(k.path) }

const variablePrefix = "SCIM_SYNC_"

func variableOf(path string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// keys is the table of all settings, in the order of the file.
func keys() []key {
	var all []key
	for _, k := range slices.Concat(oktaKeys(), attioKeys(), teamKeys(), protectKeys(), stateKeys(), tellingKeys(), sourceKeys()) {
		all = append(all, k)
		if k.secret {
			all = append(all, key{
				path: k.path + fileSuffix, fileOf: k.path, used: k.used, binding: pathBinding{textCodec(filePath)},
				doc: "File that holds " + k.path + " instead; read anew each run. A relative path starts at the folder of the settings file.",
			})
		}
	}
	return all
}

const fileSuffix = "_file"

// pathBinding is the path of a secret's file: it has no field of its own.
type pathBinding struct{ codec[string] }

func (b pathBinding) decode(n node) (func(*Settings), []fault) {
	_, faults := b.read(n)
	return func(*Settings) {}, faults
}

func (b pathBinding) shown(*Settings) any { return "" }

func (b pathBinding) schema() map[string]any { return b.codec.schema() }

func (b pathBinding) takesList() bool { return false }

// section is a group of keys.
type section struct{ path, doc string }

func sections() []section {
	return []section{
		{"okta", "Where people and groups come from."},
		{"okta.service_app", "An Okta API service app, instead of okta.api_token."},
		{"attio", "The workspace that is kept in line."},
		{"attio.oauth", "The Attio app that scim-sync login signs in with."},
		{"roles", "Who is an admin."},
		{"teams", "Which Okta groups become Attio teams."},
		{"protect", "Safety rails: how much a run may change before it refuses."},
		{"state", "Where the memory between runs is kept."},
		{"journal", "The record of every run and every write, beside the state."},
		{"idp", "What the directory is read from."},
	}
}

func oktaKeys() []key {
	return []key{
		{path: "okta.org_url", required: NeedOkta, used: NeedOkta, doc: "Address of the Okta org, the one people sign in at.",
			binding: bind(func(s *Settings) *string { return &s.Okta.OrgURL }, textCodec(orgURL))},
		{path: "okta.app_id", required: NeedOkta, used: NeedOkta, doc: "Id of the Okta app whose assigned people belong in the workspace.",
			binding: bind(func(s *Settings) *string { return &s.Okta.AppID }, textCodec(oktaID))},
		{path: "okta.api_token", used: NeedOkta, secret: true, doc: "Okta API token. Give this or okta.service_app.",
			binding: bind(func(s *Settings) *Secret { return &s.Okta.APIToken }, secretCodec(token))},
		{path: "okta.service_app.client_id", used: NeedOkta, doc: "Client id of the service app.",
			binding: bind(func(s *Settings) *string { return &s.Okta.ServiceApp.ClientID }, textCodec(ident))},
		{path: "okta.service_app.key_id", used: NeedOkta, doc: "Id (kid) of the public key that the service app knows.",
			binding: bind(func(s *Settings) *string { return &s.Okta.ServiceApp.KeyID }, textCodec(keyID))},
		{path: "okta.service_app.private_key", used: NeedOkta, secret: true, doc: "Private key as PEM text, PKCS#1 or PKCS#8.",
			binding: bind(func(s *Settings) *Secret { return &s.Okta.ServiceApp.PrivateKey }, secretCodec(pemText))},
		{path: "okta.service_app.dpop", def: "true", doc: "Bind tokens to this process (DPoP), as Okta asks of new service apps.",
			binding: bind(func(s *Settings) *bool { return &s.Okta.ServiceApp.DPoP }, boolCodec())},
		{path: "okta.role_attribute", def: "roles", doc: "Attribute of the app user profile that holds the role, as text or list. The word admin anywhere in it makes an admin.",
			binding: bind(func(s *Settings) *string { return &s.Okta.RoleAttribute }, textCodec(attribute))},
		{path: "okta.email_attribute", def: "email", doc: "Attribute of the app user profile that holds the email; else the Okta user's email, else the app's user name.",
			binding: bind(func(s *Settings) *string { return &s.Okta.EmailAttribute }, textCodec(attribute))},
		{path: "okta.suspended_users", def: "suspend", doc: "What becomes of people whose Okta account is suspended.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.KeepSuspended }, eitherCodec("suspend", "keep"))},
		{path: "okta.rate_share", def: "75%", doc: "Part of the org's rate limit (X-Rate-Limit-Limit) that requests may use in a window; 10 % are always left.",
			binding: bind(func(s *Settings) *Percent { return &s.Okta.RateShare }, shareCodec())},
	}
}

func attioKeys() []key {
	return []key{
		{path: "attio.workspace", used: NeedAttio, doc: "Slug or id of the workspace; any other is refused. Needed unless login stored it.",
			binding: bind(func(s *Settings) *string { return &s.Attio.Workspace }, textCodec(workspace))},
		{path: "attio.api_url", def: "https://api.attio.com", doc: "Root of Attio's REST interface.",
			binding: bind(func(s *Settings) *string { return &s.Attio.APIURL }, textCodec(webRoot))},
		{path: "attio.scim_url", def: "https://api.attio.com/scim/v2", doc: "Root of Attio's SCIM interface.",
			binding: bind(func(s *Settings) *string { return &s.Attio.SCIMURL }, textCodec(webRoot))},
		{path: "attio.token", used: NeedAttio, secret: true, doc: "Access token; else the one that login stored.",
			binding: bind(func(s *Settings) *Secret { return &s.Attio.Token }, secretCodec(token))},
		{path: "attio.verified_domains", def: "[]", doc: "The workspace's verified domains. The plan says \"added\" for people on them and \"invited\" for others; admins elsewhere do not count as the last admin. Empty: the domains of those assigned decide about that.",
			binding: bind(func(s *Settings) *[]string { return &s.Policy.VerifiedDomains }, listCodec(textCodec(domain), "[acme.com]"))},
		{path: "attio.reads_per_second", def: "100", doc: "The most reading requests in any one second.",
			binding: bind(func(s *Settings) *int { return &s.Attio.ReadsPerSecond }, numberCodec(1, 1000))},
		{path: "attio.writes_per_second", def: "25", doc: "The most writing requests in any one second, evenly spaced.",
			binding: bind(func(s *Settings) *int { return &s.Attio.WritesPerSecond }, numberCodec(1, 1000))},
		{path: "attio.oauth.client_id", required: NeedLogin, used: NeedLogin, doc: "Client id of the Attio app.",
			binding: bind(func(s *Settings) *string { return &s.Attio.OAuth.ClientID }, textCodec(ident))},
		{path: "attio.oauth.client_secret", required: NeedLogin, used: NeedLogin, secret: true, doc: "Client secret of the Attio app.",
			binding: bind(func(s *Settings) *Secret { return &s.Attio.OAuth.ClientSecret }, secretCodec(token))},
		{path: "attio.oauth.authorize_url", def: "https://app.attio.com/authorize", doc: "Attio's consent page.",
			binding: bind(func(s *Settings) *string { return &s.Attio.OAuth.AuthorizeURL }, textCodec(webPage))},
		{path: "attio.oauth.token_url", def: "https://app.attio.com/oauth/token", doc: "Where a code is changed for a token.",
			binding: bind(func(s *Settings) *string { return &s.Attio.OAuth.TokenURL }, textCodec(webPage))},
		{path: "attio.oauth.redirect_url", def: "http://localhost:8910/callback", doc: "Where the browser comes back to; the Attio app must list exactly this address.",
			binding: bind(func(s *Settings) *string { return &s.Attio.OAuth.RedirectURL }, textCodec(redirectURL))},
	}
}

func teamKeys() []key {
	return []key{
		{path: "roles.when_absent", def: "keep_adopted", doc: "What a missing role attribute means. keep_adopted: someone who was an admin before scim-sync met them, and in whose profile it never appeared, stays admin; all others are members. member: all are members. keep: nobody's role changes for it.",
			binding: bind(func(s *Settings) *sync.WhenAbsent { return &s.Policy.Roles.WhenAbsent }, choiceCodec(sync.KeepAdopted, sync.AbsentMember, sync.AbsentKeep))},
		{path: "roles.admin_groups", def: "[]", doc: "Okta groups (ids or names) whose people are admins. One that cannot be found or read stops the run.",
			binding: bind(func(s *Settings) *[]string { return &s.Policy.Roles.AdminGroups }, listCodec(textCodec(name), "[Attio admins]"))},
		{path: "teams.source", def: "assigned_groups", doc: "Which groups become teams: those assigned to the app, its push mappings, those listed in teams.groups, or none.",
			binding: bind(func(s *Settings) *idp.TeamSource { return &s.Policy.Teams.Source }, choiceCodec(idp.AssignedGroups, idp.PushMappings, idp.ListedGroups, idp.NoTeams))},
		{path: "teams.groups", def: "[]", doc: "Which team a group goes to. With source listed, these groups and no others.",
			binding: bind(func(s *Settings) *[]sync.TeamMapping { return &s.Policy.Teams.Groups }, teamGroupsCodec())},
		{path: "teams.include", def: "[]", doc: "Groups (names or ids, * as wildcard) that become teams; empty: all. Okta's built-in Everyone only when named.",
			binding: bind(func(s *Settings) *[]string { return &s.Policy.Teams.Include }, listCodec(textCodec(name), `["Sales*"]`))},
		{path: "teams.exclude", def: "[]", doc: "Groups (names or ids, * as wildcard) that do not become teams.",
			binding: bind(func(s *Settings) *[]string { return &s.Policy.Teams.Exclude }, listCodec(textCodec(name), `["* contractors"]`))},
		{path: "teams.strip_prefix", doc: "Taken off group names to make team names.",
			binding: bind(func(s *Settings) *string { return &s.Policy.Teams.StripPrefix }, textCodec(oneLine))},
		{path: "teams.same_name", def: "refuse", doc: "A team of that name which nobody manages yet: refuse, or link it to the group.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.Teams.LinkSameName }, eitherCodec("refuse", "link"))},
		{path: "teams.strangers", def: "keep", doc: "People in a managed team whom scim-sync does not manage.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.Teams.RemoveStrangers }, eitherCodec("keep", "remove"))},
		{path: "teams.when_group_gone", def: "keep", doc: "The team of a group that Okta no longer has; delete takes only a team that was created here.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.Teams.DeleteGone }, eitherCodec("keep", "delete"))},
	}
}

func protectKeys() []key {
	return []key{
		{path: "protect.mode", def: "full", doc: "no_removals keeps every removal back and lists it as held.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.Protect.NoRemovals }, eitherCodec("full", "no_removals"))},
		{path: "protect.members", def: "[]", doc: "Emails of people who are never suspended nor demoted, nor given an address that is not named here.",
			binding: bind(func(s *Settings) *[]string { return &s.Policy.Protect.Members }, listCodec(textCodec(email), "[ada@acme.com]"))},
		{path: "protect.removals", def: "20%", doc: "The most suspensions and withdrawn invites: a share of the managed people, rounded down, or a number.",
			binding: bind(func(s *Settings) *sync.Amount { return &s.Policy.Protect.Removals }, amountCodec())},
		{path: "protect.removals_ceiling", def: "25", doc: "Never more people than this, whatever the percentage.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.RemovalsCeiling }, numberCodec(0, mostPeople))},
		{path: "protect.removals_floor", def: "5", doc: "This many are allowed even so, but never more than half of the people.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.RemovalsFloor }, numberCodec(0, mostPeople))},
		{path: "protect.removals_window", def: "24h", doc: "Removals of this long before count too; 0s: this run alone.",
			binding: bind(func(s *Settings) *time.Duration { return &s.Policy.Protect.RemovalsWindow }, durationCodec(0, 30*day, inHours))},
		{path: "protect.admin_removals", def: "1", doc: "The most suspensions and demotions of admins.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.AdminRemovals }, numberCodec(0, mostPeople))},
		{path: "protect.team_removals", def: "50%", doc: "The most removals from one team, those of protect.removals_window before the run included: a share of the active people it had then, or a number.",
			binding: bind(func(s *Settings) *sync.Amount { return &s.Policy.Protect.TeamRemovals }, amountCodec())},
		{path: "protect.team_removals_floor", def: "2", doc: "This many are allowed even so.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.TeamRemovalsFloor }, numberCodec(0, mostPeople))},
		{path: "protect.additions", def: "50%", doc: "The most new and reactivated people in a run: a share of the managed people, or a number. Not counted on a first run.",
			binding: bind(func(s *Settings) *sync.Amount { return &s.Policy.Protect.Additions }, amountCodec())},
		{path: "protect.additions_floor", def: "20", doc: "This many are allowed even so.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.AdditionsFloor }, numberCodec(0, mostPeople))},
		{path: "protect.promotions", def: "3", doc: "The most new admins in a run. Not counted on a first run.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.Promotions }, numberCodec(0, mostPeople))},
		{path: "protect.email_changes", def: "20%", doc: "The most changes of address: a share of the managed people, or a number. Changes of removals_window before count too.",
			binding: bind(func(s *Settings) *sync.Amount { return &s.Policy.Protect.EmailChanges }, amountCodec())},
		{path: "protect.email_changes_floor", def: "5", doc: "This many are allowed even so.",
			binding: bind(func(s *Settings) *int { return &s.Policy.Protect.EmailChangesFloor }, numberCodec(0, mostPeople))},
		{path: "protect.confirm_absence", def: "true", doc: "Ask Okta for each absent person by id before suspending anybody.",
			binding: bind(func(s *Settings) *bool { return &s.Policy.Protect.TrustAbsence }, notCodec(boolCodec()))},
	}
}

func stateKeys() []key {
	return []key{
		{path: "state.url", doc: "file:///path of a file, else one in $XDG_STATE_HOME/scim-sync; or where several machines reach it (docs/state.md): postgres://user@host/database, s3://bucket/prefix?region=eu-central-1.",
			binding: bind(func(s *Settings) *StateURL { return &s.State.URL }, stateCodec())},
		{path: "state.password_file", doc: "A file with the password for a postgres: address that has none.",
			binding: bind(func(s *Settings) *string { return &s.State.PasswordFile }, textCodec(filePath))},
		{path: "journal.keep", def: "400d", doc: "How long the journal keeps what past runs did. What the rails and saved plans still have to know is kept whatever this says.",
			binding: bind(func(s *Settings) *time.Duration { return &s.Journal.Keep }, durationCodec(day, 36500*day, inDays))},
	}
}

func tellingKeys() []key {
	return []key{
		{path: "notify", def: "[]", doc: "Web hooks that are told what a run meets: once when it begins, once a day while it lasts, once when it ends.",
			binding: bind(func(s *Settings) *[]Hook { return &s.Notify }, listCodec(hookCodec(), "[{url: ${HOOK}, format: slack, on: [refused, failed]}]"))},
		{path: "heartbeat_url", secret: true, doc: "Address that is asked for (GET) after each run that ended well, for a service that alarms when that ceases.",
			binding: bind(func(s *Settings) *Secret { return &s.HeartbeatURL }, secretCodec(hookURL))},
		{path: "metrics_file", doc: "File, ending in .prom, that each run writes its figures into, for node_exporter's textfile collector. A relative path starts at the folder of the settings file.",
			binding: bind(func(s *Settings) *string { return &s.MetricsFile }, textCodec(filePath))},
	}
}

func sourceKeys() []key {
	return []key{
		{path: "idp.source", def: "okta", doc: "Where people and groups are read from: Okta, or a directory file (idp.file) that stands in for it.",
			binding: bind(func(s *Settings) *SourceKind { return &s.IDP.Source }, choiceCodec(FromOkta, FromDirectoryFile))},
		{path: "idp.file", used: NeedOkta, doc: "With source file: a file that plan --save-directory wrote, or a folder with people.csv, groups.csv and memberships.csv. A relative path starts at the folder of the settings file.",
			binding: bind(func(s *Settings) *string { return &s.IDP.File }, textCodec(filePath))},
	}
}
