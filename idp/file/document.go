package file

import (
	"fmt"
	"strings"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// The document's own name and version. It only grows.
const (
	format        = "scim-sync-directory"
	formatVersion = 1
)

// The parts of the document. Fields that a provider alone can fill may be left
// out by hand.
type (
	originDoc struct {
		Name     string `json:"name,omitempty"`
		OrgURL   string `json:"org_url"`
		AppID    string `json:"app_id"`
		AppLabel string `json:"app_label,omitempty"`
	}
	personDoc struct {
		ID         string   `json:"id"`
		Email      string   `json:"email"`
		EmailFrom  string   `json:"email_from,omitempty"` // empty: the attribute, where there is an address
		UserName   string   `json:"user_name,omitempty"`
		GivenName  string   `json:"given_name,omitempty"`
		FamilyName string   `json:"family_name,omitempty"`
		Roles      []string `json:"roles,omitempty"`
		Access     string   `json:"access"`
		AppStatus  string   `json:"app_status,omitempty"`
		UserStatus string   `json:"user_status,omitempty"`
		// Via is there for those who are assigned by a group.
		Via   *refDoc    `json:"via,omitempty"`
		Proof *idp.Proof `json:"proof,omitempty"`
	}
	refDoc struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		BuiltIn bool   `json:"built_in,omitempty"`
	}
	groupDoc struct {
		refDoc
		// Team false: read for its admins alone.
		Team    *bool    `json:"team,omitempty"`
		Unsure  bool     `json:"unsure,omitempty"`
		Members []string `json:"members"`
	}
	sightDoc struct {
		Everyone string   `json:"everyone"` // yes, no, unknown
		Shown    *refDoc  `json:"shown,omitempty"`
		Hidden   []refDoc `json:"hidden,omitempty"`
	}
	noteDoc struct {
		Code    string `json:"code"`
		Subject string `json:"subject"`
		Detail  string `json:"detail"`
	}
	// askedDoc is an answer about one id that was in no list.
	askedDoc struct {
		ID     string     `json:"id"`
		Access string     `json:"access,omitempty"` // of a person
		Person *personDoc `json:"person,omitempty"` // who has an assignment after all
		Group  *refDoc    `json:"group,omitempty"`  // that exists after all
		Proof  idp.Proof  `json:"proof"`
	}
	completeDoc struct {
		People      int `json:"people"`
		Groups      int `json:"groups"`
		Memberships int `json:"memberships"`
	}
)

// accessWords are the words for an access, as [idp.Access.String] has them.
func accessWords() []idp.Access {
	return []idp.Access{idp.Granted, idp.Waiting, idp.Suspended, idp.Revoked}
}

func accessOf(word string) (idp.Access, string) {
	var words []string
	for _, a := range accessWords() {
		if a.String() == word {
			return a, ""
		}
		words = append(words, a.String())
	}
	return 0, fmt.Sprintf("the access %q is not one of %s", word, strings.Join(words, ", "))
}

func docOf(p idp.Person) personDoc {
	d := personDoc{
		ID: p.ID, Email: p.Email, UserName: p.UserName, GivenName: p.GivenName, FamilyName: p.FamilyName, Roles: p.Roles,
		Access: p.Access.String(), AppStatus: p.AppStatus, UserStatus: p.UserStatus, Proof: p.Proof,
	}
	if !p.Direct {
		d.Via = new(refOf(p.Via))
	}
	if implied := emailFrom("", p.Email); p.EmailFrom != implied {
		d.EmailFrom = emailWords()[p.EmailFrom]
	}
	return d
}

// emailWords are the words for where an address was found.
func emailWords() map[idp.EmailOrigin]string {
	return map[idp.EmailOrigin]string{0: "nowhere", idp.EmailAttribute: "attribute", idp.EmailAccount: "account", idp.EmailUserName: "user_name"}
}

// emailFrom is what a word says; without one an address is that of the attribute.
// A word that is none gives -1.
func emailFrom(word, email string) idp.EmailOrigin {
	if word == "" && email != "" {
		return idp.EmailAttribute
	}
	if word == "" {
		return 0
	}
	for from, w := range emailWords() {
		if w == word {
			return from
		}
	}
	return -1
}

func refOf(g idp.GroupRef) refDoc { return refDoc{g.ID, g.Name, g.BuiltIn} }

func (d refDoc) ref() idp.GroupRef { return idp.GroupRef{ID: d.ID, Name: d.Name, BuiltIn: d.BuiltIn} }

// person gives the person, with a proof of the file's own where it has none.
func (d personDoc) person(own idp.Proof) (p idp.Person, wrong string) {
	if wrong := badID(d.ID); wrong != "" {
		return p, wrong
	}
	access, wrong := accessOf(d.Access)
	if wrong != "" {
		return p, wrong
	}
	from := emailFrom(d.EmailFrom, d.Email)
	if from < 0 {
		return p, fmt.Sprintf("email_from is %q; it must be attribute, account, user_name or nowhere", d.EmailFrom)
	}
	p = idp.Person{
		ID: d.ID, Email: d.Email, EmailFrom: from, UserName: d.UserName, GivenName: d.GivenName, FamilyName: d.FamilyName, Roles: d.Roles, HasRole: len(d.Roles) > 0,
		Access: access, AppStatus: d.AppStatus, UserStatus: d.UserStatus, Direct: d.Via == nil,
	}
	if !p.HasRole {
		p.Roles = nil
	}
	if p.AppStatus == "" {
		p.AppStatus = d.Access
	}
	if d.Via != nil {
		p.Via = d.Via.ref()
	}
	if p.Proof = d.Proof; p.Proof == nil {
		own.Says = p.AppStatus
		p.Proof = &own
	}
	return p, ""
}

// badID says what is wrong with an id.
func badID(id string) string {
	switch odd := func(r rune) bool { return r <= ' ' || r == 0x7f }; {
	case id == "":
		return "there is no id"
	case len(id) > 200 || strings.ContainsFunc(id, odd):
		return fmt.Sprintf("%q is no id: it must be one word of at most 200 characters", id)
	}
	return ""
}

// builder gathers a directory and finds what contradicts itself.
type builder struct {
	s *Source
	// unassigned are members of groups who are not assigned.
	unassigned map[string]bool
	lists      []memberList
}

// memberList is who is in a group, and where the file says so.
type memberList struct {
	ids []string
	at  int64
}

func newBuilder(name string) *builder {
	return &builder{s: &Source{name: name, person: map[string]int{}, group: map[string]int{}}, unassigned: map[string]bool{}}
}

func (b *builder) addPerson(d personDoc) (wrong string) {
	p, wrong := d.person(b.s.proof(""))
	if wrong != "" {
		return wrong
	}
	if _, twice := b.s.person[p.ID]; twice {
		return fmt.Sprintf("the person %s is there twice", p.ID)
	}
	if p.HasRole {
		b.s.roleAttribute = idp.Yes
	}
	b.s.person[p.ID] = len(b.s.people)
	b.s.people = append(b.s.people, p)
	return ""
}

func (b *builder) addGroup(g idp.Group, list memberList) (wrong string) {
	ref := g.GroupRef
	if wrong := badID(ref.ID); wrong != "" {
		return wrong
	}
	if _, twice := b.s.group[ref.ID]; twice {
		return fmt.Sprintf("the group %s is there twice", ref.ID)
	}
	if strings.TrimSpace(ref.Name) == "" {
		return fmt.Sprintf("the group %s has no name", ref.ID)
	}
	b.s.group[ref.ID] = len(b.s.groups)
	b.s.groups = append(b.s.groups, g)
	b.lists = append(b.lists, list)
	return ""
}

// member says what is wrong with somebody's being in a group.
func (b *builder) member(id string, seen map[string]bool) (wrong string) {
	_, known := b.s.person[id]
	switch {
	case !known && !b.unassigned[id]:
		return fmt.Sprintf("the member %q is nobody that the file knows", id)
	case seen[id]:
		return fmt.Sprintf("the member %s is there twice", id)
	}
	seen[id] = true
	return ""
}

// finish fills the groups, once everybody is known, and holds the whole against
// what the file says of itself. at is the list that is wrong, -1 for none.
func (b *builder) finish(said completeDoc) (s *Source, at int64, wrong string) {
	book := idset.NewDictionary()
	for i, l := range b.lists {
		seen, numbers := make(map[string]bool, len(l.ids)), make([]uint32, len(l.ids))
		for k, id := range l.ids {
			if wrong := b.member(id, seen); wrong != "" {
				return nil, l.at, fmt.Sprintf("the group %s: %s", b.s.groups[i].ID, wrong)
			}
			numbers[k] = book.Number(id)
		}
		b.s.groups[i].Members = book.Set(numbers)
	}
	if wrong := said.differs(b.held()); wrong != "" {
		return nil, -1, wrong
	}
	return b.s, -1, ""
}

// held is how much there is.
func (b *builder) held() completeDoc {
	n := completeDoc{People: len(b.s.people), Groups: len(b.s.groups)}
	for _, l := range b.lists {
		n.Memberships += len(l.ids)
	}
	return n
}

// differs says how much is missing, or too much.
func (said completeDoc) differs(have completeDoc) string {
	var parts []string
	for _, x := range []struct {
		what       string
		said, have int
	}{{"people", said.People, have.People}, {"groups", said.Groups, have.Groups}, {"memberships", said.Memberships, have.Memberships}} {
		if x.said != x.have {
			parts = append(parts, fmt.Sprintf("%d %s where it says %d", x.have, x.what, x.said))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "is not whole: it holds " + strings.Join(parts, ", ")
}

// originFrom checks where the directory came from.
func originFrom(d originDoc) (idp.Origin, string) {
	switch {
	case d.OrgURL == "":
		return idp.Origin{}, "org_url is missing: the state of a workspace belongs to one org"
	case d.AppID == "":
		return idp.Origin{}, "app_id is missing: the state of a workspace belongs to one app"
	}
	name := d.Name
	if name == "" {
		name = Name
	}
	return idp.Origin{OrgURL: d.OrgURL, AppID: d.AppID, AppLabel: d.AppLabel, Name: name}, ""
}

// timeOf reads the file's own time stamp.
func timeOf(text string) (time.Time, string) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Sprintf("at is %q; it must say when this was so, as 2026-01-31T06:00:00Z", text)
	}
	return t, ""
}
