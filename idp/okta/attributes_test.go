package okta

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"scim-sync/idp"
)

// A setting that names no attribute is told, and so is whose address came from
// elsewhere for it.
func TestAMissingEmailAttributeIsTold(t *testing.T) {
	person := func(id, profile string) string {
		return `{"id":"` + id + `","status":"ACTIVE","credentials":{"userName":"n@x.org"},"profile":` + profile +
			`,"_embedded":{"user":{"id":"` + id + `","status":"ACTIVE","profile":{"email":"u@x.org"}}}}`
	}
	const without = `{"definitions":{"base":{"properties":{"email":{}}},"custom":{"properties":{"roles":{}}}}}`
	for name, c := range map[string]struct {
		people, attribute, schema string
		want                      idp.Tristate
		holders                   int
		from                      []idp.EmailOrigin
	}{
		"all have it":             {person("00u1", `{"email":"a@x.org","roles":"x"}`) + "," + person("00u2", `{"email":"b@x.org"}`), "", "", idp.Yes, 2, []idp.EmailOrigin{idp.EmailAttribute, idp.EmailAttribute}},
		"one has it":              {person("00u1", `{"email":"a@x.org","roles":"x"}`) + "," + person("00u2", `{"email":" "}`), "", "", idp.Yes, 1, []idp.EmailOrigin{idp.EmailAttribute, idp.EmailAccount}},
		"a slip":                  {person("00u1", `{"email":"a@x.org","roles":"x"}`), "emial", without, idp.No, 0, []idp.EmailOrigin{idp.EmailAccount}},
		"in the schema alone":     {person("00u1", `{"roles":"x"}`), "", without, idp.Yes, 0, []idp.EmailOrigin{idp.EmailAccount}},
		"the schema is not shown": {person("00u1", `{"roles":"x"}`), "emial", "", idp.Unknown, 0, []idp.EmailOrigin{idp.EmailAccount}},
	} {
		o := newOrg(t)
		o.on(appRoot+"/users", serveJSON("["+c.people+"]"))
		o.on("/api/v1/meta/schemas/apps/"+testApp+"/default", func(w http.ResponseWriter, r *http.Request) {
			if c.schema == "" {
				oktaError(w, 403, "E0000006", "You do not have permission")
				return
			}
			serveJSON(c.schema)(w, r)
		})
		dir, err := o.read(t, o.source(t, func(op *Options) { op.EmailAttribute = c.attribute }))
		var from []idp.EmailOrigin
		for _, p := range dir.People {
			from = append(from, p.EmailFrom)
		}
		if err != nil || dir.EmailAttribute != c.want || dir.EmailHolders() != c.holders || !slices.Equal(from, c.from) {
			t.Errorf("%s: attribute %v, %d holders, from %v, %v", name, dir.EmailAttribute, dir.EmailHolders(), from, err)
		}
	}
}

func TestDoctorLooksForTheEmailAttribute(t *testing.T) {
	for name, c := range map[string]struct {
		attribute, schema string
		want              Verdict
	}{
		"there":                {"", `{"definitions":{"base":{"properties":{"email":{},"roles":{}}}}}`, Good},
		"the usual is missing": {"", `{"definitions":{"base":{"properties":{"roles":{}}}}}`, Odd},
		"a slip":               {"emial", `{"definitions":{"base":{"properties":{"email":{},"roles":{}}}}}`, Bad},
	} {
		o := newOrg(t)
		o.on("/api/v1/meta/schemas/apps/"+testApp+"/default", serveJSON(c.schema))
		found := o.source(t, func(op *Options) { op.EmailAttribute = c.attribute }).Check(t.Context(), CheckQuery{Teams: idp.NoTeams, Now: time.Now})
		i := slices.IndexFunc(found, func(c Check) bool { return c.Code == checkEmail })
		if i < 0 || found[i].Verdict != c.want || c.want == Bad && idp.KindOf(found[i].Err) != idp.Setting {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// What a plan cannot do without, doctor looks at as well.
func TestDoctorMissesTheOktaUserOfAnEntry(t *testing.T) {
	o := newOrg(t)
	o.on(appRoot+"/users", serveJSON(`[{"id":"00u1","status":"ACTIVE","profile":{}},{"id":"00u2","status":"ACTIVE","profile":{}}]`))
	_, err := o.read(t, o.source(t))
	found := o.source(t).Check(t.Context(), CheckQuery{Teams: idp.NoTeams, Now: time.Now})
	i := slices.IndexFunc(found, func(c Check) bool { return c.Code == checkRights })
	if err == nil || i < 0 || found[i].Verdict != Bad || found[i].Err.Error() != err.Error() {
		t.Errorf("doctor: %+v; a plan: %v", found, err)
	}
}
