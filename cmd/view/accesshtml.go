package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"scim-sync/attio"
	"scim-sync/sync/planner"
)

// AccessHTML writes the report as one file that needs nothing else, as [PlanHTML]
// does.
func AccessHTML(w io.Writer, r AccessReport) error {
	return writePage(w, "access.html", func(v voice, d dress) any {
		v.from = r.Source.Name
		return accessPage{r: r, voice: v, Dress: d, Title: "access to " + v.workspace(r.Workspace), Workspace: v.workspace(r.Workspace), Source: v.source(r.Source),
			Tally: accessTally(r), At: r.At.UTC().Format(time.RFC3339), By: v.name(r.ScimSync)}
	})
}

// accessPage is what the template shows.
type accessPage struct {
	r                            AccessReport
	voice                        voice
	Dress                        dress
	Title                        string
	Workspace, Source, Tally, At string
	By                           string
}

// Choices are the kinds that a reader may choose from.
func (p accessPage) Choices() []string {
	return []string{string(planner.IsManaged), string(planner.IsPending), string(planner.IsReleased), string(planner.IsUnmanaged)}
}

// accessPlace is a place in words.
type accessPlace struct {
	Email, Name, Status, Role, Teams, Managed, Okta, Why, Last, Proof string
	Class, Kind                                                       string
}

// Places puts them into words one by one, while the page is written.
func (p accessPage) Places() func(yield func(accessPlace) bool) {
	return func(yield func(accessPlace) bool) {
		for a := range p.r.Places {
			if !yield(p.place(a)) {
				return
			}
		}
	}
}

func (p accessPage) place(a planner.Access) accessPlace {
	v := p.voice
	x := accessPlace{Email: v.name(firstOf(a.Email, a.AttioID)), Name: v.name(a.Name), Status: v.name(string(a.Status)), Role: v.name(string(a.Role)),
		Teams: v.detail(strings.Join(a.Teams, ", ")), Managed: string(a.Management), Kind: string(a.Management), Why: p.reason(a)}
	if a.Role == attio.RoleAdmin || a.Management == planner.IsUnmanaged {
		x.Class = "change"
	}
	if !a.Since.IsZero() {
		x.Managed += " since " + a.Since.UTC().Format("2006-01-02")
	}
	if a.Protected {
		x.Managed += ", protected"
	}
	x.Okta = a.Access
	if a.OktaStatus != "" {
		x.Okta += " (" + v.name(a.OktaStatus) + ")"
	}
	if c := p.r.Last(a); c != nil {
		x.Last = v.detail(c.What) + " " + when(c.At) + ", run " + v.name(c.Run)
		if c.By != "" {
			x.Last += ", by " + v.name(c.By)
		}
		if c.Proof != nil {
			x.Proof = v.proofWords(*c.Proof)
		}
		if c.Log != nil {
			x.Last += "; in Okta " + v.witnessedWords(*c.Log)
		}
	}
	return x
}

// reason says why the source has somebody there.
func (p accessPage) reason(a planner.Access) string {
	v, why := p.voice, ""
	switch a.Assigned {
	case "direct":
		why = "assigned directly"
	case "group":
		why = "assigned by a group"
		if a.Via != nil {
			why = "assigned by the group " + v.name(firstOf(a.Via.Name, a.Via.ID))
		}
	default:
		why = "not assigned"
	}
	if len(a.AdminGroups) > 0 {
		why += "; in the admin group " + v.detail(strings.Join(a.AdminGroups, ", "))
	}
	return why
}

// accessTally counts the places.
func accessTally(r AccessReport) string {
	all, admins, unmanaged := 0, 0, 0
	by := map[attio.Status]int{}
	for a := range r.Places {
		all++
		by[a.Status]++
		if a.Role == attio.RoleAdmin {
			admins++
		}
		if a.Management == planner.IsUnmanaged {
			unmanaged++
		}
	}
	return fmt.Sprintf("%s: %s active, %s invited, %s suspended; %s; %s not managed.", count(all, "place", "places"),
		thousands(by[attio.Active]), thousands(by[attio.Invited]), thousands(by[attio.Suspended]), count(admins, "admin", "admins"), thousands(unmanaged))
}
