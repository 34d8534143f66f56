package oktatest

import "strconv"

// showGroup appends a group. apps and pushes are counted when stats are asked
// for.
func (d *directory) showGroup(b []byte, g *group, base string, stats bool) []byte {
	members, changed := g.shown()
	b = append(b, `{"id":"`...)
	b = append(b, g.id...)
	b = moment(append(b, `","created":`...), g.created)
	b = moment(append(b, `,"lastUpdated":`...), g.updated)
	b = moment(append(b, `,"lastMembershipUpdated":`...), changed)
	b = append(b, `,"objectClass":["`...)
	if g.kind == "APP_GROUP" {
		b = append(b, `okta:app_group`...)
	} else {
		b = append(b, `okta:user_group`...)
	}
	b = append(b, `"],"type":"`...)
	b = append(b, g.kind...)
	b = quote(append(b, `","profile":{"name":`...), g.name)
	b = text(append(b, `,"description":`...), g.description)
	b = append(b, `},`...)
	if stats {
		b = append(b, `"_embedded":{"stats":{"usersCount":`...)
		b = strconv.AppendInt(b, int64(len(members.items)), 10)
		b = strconv.AppendInt(append(b, `,"appsCount":`...), d.countApps(g), 10)
		b = strconv.AppendInt(append(b, `,"groupPushMappingsCount":`...), d.countPushes(g), 10)
		b = append(b, `,"hasAdminPrivilege":false}},`...)
	}
	return groupLinks(b, g, base)
}

func groupLinks(b []byte, g *group, base string) []byte {
	b = logo(append(b, `"_links":{"logo":[`...), "medium", base)
	b = logo(append(b, ','), "large", base)
	b = append(b, `],`...)
	b = append(href(b, "users", base, "/api/v1/groups/", g.id, "/users"), ',')
	b = href(b, "apps", base, "/api/v1/groups/", g.id, "/apps")
	return append(b, `}}`...)
}

func logo(b []byte, size, base string) []byte {
	b = append(append(b, `{"name":"`...), size...)
	b = append(append(b, `","href":"`...), base...)
	b = append(append(b, `/assets/img/logos/groups/odyssey/okta-`...), size...)
	return append(b, `.png","type":"image/png"}`...)
}

func (d *directory) countApps(g *group) int64 {
	if d.app.grantFor(g.id) != nil {
		return 1
	}
	return 0
}

func (d *directory) countPushes(g *group) (n int64) {
	for _, m := range d.app.mappings.items {
		if m.source == g {
			n++
		}
	}
	return n
}

// showGrant appends a group's assignment to the app. expand may be "group".
func (d *directory) showGrant(b []byte, gr *grant, base, expand string) []byte {
	g := gr.group
	b = append(b, `{"id":"`...)
	b = append(b, g.id...)
	b = moment(append(b, `","lastUpdated":`...), gr.updated)
	b = strconv.AppendInt(append(b, `,"priority":`...), int64(gr.priority), 10)
	b = append(b, `,"profile":{`...)
	for i, name := range gr.profile.names() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(quote(b, name), ':'), gr.profile[name]...)
	}
	b = append(b, `},"_links":{`...)
	b = append(href(b, "app", base, "/api/v1/apps/", d.app.id), ',')
	b = append(href(b, "self", base, "/api/v1/apps/", d.app.id, "/groups/", g.id), ',')
	b = append(href(b, "group", base, "/api/v1/groups/", g.id), '}')
	if expand == "group" {
		b = d.showGroup(append(b, `,"_embedded":{"group":`...), g, base, false)
		b = append(b, '}')
	}
	return append(b, '}')
}

// showMapping appends a push mapping.
func (d *directory) showMapping(b []byte, m *mapping, base string) []byte {
	b = mappingMoment(append(b, `{"created":`...), m.created)
	if m.err != "" {
		b = quote(append(b, `,"errorSummary":`...), m.err)
	}
	b = append(append(b, `,"id":"`...), m.id...)
	b = mappingMoment(append(b, `","lastUpdated":`...), m.updated)
	b = append(append(b, `,"sourceGroupId":"`...), m.source.id...)
	b = append(append(b, `","status":"`...), m.status...)
	b = append(append(b, `","targetGroupId":"`...), m.target.id...)
	b = append(b, `","_links":{`...)
	b = append(href(b, "app", base, "/api/v1/apps/", d.app.id), ',')
	b = append(href(b, "sourceGroup", base, "/api/v1/groups/", m.source.id), ',')
	b = href(b, "targetGroup", base, "/api/v1/groups/", m.target.id)
	return append(b, `}}`...)
}
