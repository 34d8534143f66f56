package config

import (
	"fmt"
	"slices"

	"scim-sync/internal/nearest"
	"scim-sync/sync"
)

// listCodec reads a list. An item of which a variable is not set is a fault:
// leaving it out could widen what the list restricts.
func listCodec[T any](item codec[T], example string) codec[[]T] {
	return codec[[]T]{
		read: func(n node) ([]T, []fault) {
			if n.kind != list {
				return nil, []fault{n.wrong("is %s; it must be a list, as %s", n.form(), example)}
			}
			out := make([]T, 0, len(n.items))
			var faults []fault
			for i, in := range n.items {
				v, wrong := readItem(item, in)
				for _, f := range wrong {
					f.below = fmt.Sprintf("[%d]%s", i, f.below)
					faults = append(faults, f)
				}
				out = append(out, v)
			}
			return out, faults
		},
		show: func(v []T) any {
			out := make([]any, len(v))
			for i := range v {
				out[i] = item.show(v[i])
			}
			return out
		},
		schema: func() map[string]any {
			return map[string]any{"type": "array", "items": item.schema()}
		},
		list: true,
	}
}

func readItem[T any](item codec[T], n node) (T, []fault) {
	var none T
	switch {
	case n.bad:
		return none, nil
	case len(n.unset) > 0:
		return none, []fault{n.wrong("%s: a variable in it is not set", n.quote())}
	case n.kind == absent, n.kind == scalar && n.text == "":
		return none, []fault{n.wrong("is empty; remove it from the list")}
	}
	return item.read(n)
}

// teamGroupKeys is the table of the keys of an item of teams.groups.
func teamGroupKeys() []itemKey {
	return []itemKey{
		{"group", "Id or name of the Okta group.", true, func(g *sync.TeamMapping) *string { return &g.Group }},
		{"team", "Name of the Attio team, existing or new; else the group's name.", false, func(g *sync.TeamMapping) *string { return &g.Team }},
	}
}

type itemKey struct {
	name, doc string
	required  bool
	field     func(*sync.TeamMapping) *string
}

// teamGroupCodec reads {group: ..., team: ...}.
func teamGroupCodec() codec[sync.TeamMapping] {
	keys, text := teamGroupKeys(), textCodec(outerName)
	return codec[sync.TeamMapping]{
		read: func(n node) (sync.TeamMapping, []fault) {
			if n.kind != mapping {
				return sync.TeamMapping{}, []fault{n.wrong("is %s; it must be as {group: Engineering, team: Eng}", n.form())}
			}
			return readTeamGroup(n, keys, text)
		},
		show: func(g sync.TeamMapping) any {
			out := map[string]any{}
			for _, k := range keys {
				if v := *k.field(&g); v != "" {
					out[k.name] = v
				}
			}
			return out
		},
		schema: func() map[string]any {
			properties, required := map[string]any{}, []any{}
			for _, k := range keys {
				s := orNull(text.schema())
				s["description"] = k.doc
				properties[k.name] = s
				if k.required {
					s["type"] = "string"
					required = append(required, k.name)
				}
			}
			return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
		},
	}
}

func readTeamGroup(n node, keys []itemKey, text codec[string]) (sync.TeamMapping, []fault) {
	var g sync.TeamMapping
	var faults []fault
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	given := map[string]bool{}
	for _, f := range n.fields {
		i := slices.Index(names, f.key.text)
		if i < 0 {
			faults = append(faults, under("."+label(f.key.text), f.key.wrong("unknown key%s", nearest.Suggestion(f.key.text, names)))...)
			continue
		}
		given[names[i]] = f.value.kind != absent || f.value.bad
		if f.value.kind == absent {
			continue
		}
		v, wrong := readItem(text, f.value)
		faults = append(faults, under("."+names[i], wrong...)...)
		*keys[i].field(&g) = v
	}
	for _, k := range keys {
		if k.required && !given[k.name] {
			faults = append(faults, under("."+k.name, fault{line: n.line, col: n.col, missing: true})...)
		}
	}
	return g, faults
}

// under moves faults to a place below where they were found.
func under(place string, faults ...fault) []fault {
	out := make([]fault, len(faults))
	for i, f := range faults {
		f.below = place + f.below
		out[i] = f
	}
	return out
}

// teamGroupsCodec reads teams.groups: no group may be there twice.
func teamGroupsCodec() codec[[]sync.TeamMapping] {
	c := listCodec(teamGroupCodec(), "[{group: Engineering, team: Eng}]")
	read := c.read
	c.read = func(n node) ([]sync.TeamMapping, []fault) {
		groups, faults := read(n)
		first := map[string]int{}
		for i, g := range groups {
			if j, twice := first[g.Group]; twice && g.Group != "" {
				f := n.items[i].wrong("this group is already in [%d]", j)
				faults = append(faults, under(fmt.Sprintf("[%d].group", i), f)...)
				continue
			}
			first[g.Group] = i
		}
		return groups, faults
	}
	return c
}
