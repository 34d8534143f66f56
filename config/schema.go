package config

import (
	"encoding/json"
	"maps"
)

// schemaID names the JSON Schema of the settings file.
const schemaID = "urn:scim-sync:settings:1"

// Schema gives the JSON Schema (draft 2020-12) of the settings file, for
// editors. It comes from the table that drives loading; loading checks more.
func Schema() []byte {
	root := object("Settings of scim-sync.")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = schemaID
	root["title"] = "scim-sync.yaml"
	root["type"] = "object"
	root["$defs"] = map[string]any{"variable": map[string]any{
		"type": "string", "pattern": `\$\{[A-Za-z_][A-Za-z0-9_]*\}`,
		"description": "Text with an environment variable in it.",
	}}
	objects, defaults := map[string]map[string]any{"": root}, Default()
	for _, s := range sections() {
		objects[s.path] = object(s.doc)
		child(objects, s.path, objects[s.path])
	}
	for _, k := range keys() {
		child(objects, k.path, k.describe(defaults))
	}
	one := object("A workspace: what it says goes before what stands above.")
	each, _ := one["properties"].(map[string]any)
	all, _ := root["properties"].(map[string]any)
	maps.Copy(each, all)
	each["name"] = map[string]any{"type": []any{"string", "null"}, "description": "What --workspace calls it; else its attio.workspace."}
	all[workspacesKey] = map[string]any{"type": []any{"array", "null"}, "items": one, "description": "Several workspaces in one file, for --workspace NAME or all."}
	// Strings, numbers, booleans, lists and maps always encode.
	text, _ := json.MarshalIndent(root, "", "  ")
	return append(text, '\n')
}

func object(doc string) map[string]any {
	return map[string]any{"type": []any{"object", "null"}, "description": doc, "properties": map[string]any{}, "additionalProperties": false}
}

func child(objects map[string]map[string]any, path string, schema map[string]any) {
	parent, leaf := cutLast(path)
	properties, _ := objects[parent]["properties"].(map[string]any)
	properties[leaf] = schema
}

// describe gives the schema of one key. A key may be left empty, and may hold
// a variable whatever its type.
func (k key) describe(defaults *Settings) map[string]any {
	s := orNull(k.schema())
	s["description"] = k.doc + " Variable: " + k.variable() + "."
	if k.secret {
		s["writeOnly"] = true
	}
	if k.def != "" {
		s["default"] = k.shown(defaults)
	}
	return s
}

// orNull widens a schema by null and, but for text and lists, by variables.
func orNull(s map[string]any) map[string]any {
	if t, ok := s["type"].(string); ok && (t == "string" && s["pattern"] == nil || t == "array") {
		out := maps.Clone(s)
		out["type"] = []any{t, "null"}
		return out
	}
	alternatives, ok := s["anyOf"].([]any)
	if !ok {
		alternatives = []any{s}
	}
	return map[string]any{"anyOf": append(append([]any{}, alternatives...),
		map[string]any{"$ref": "#/$defs/variable"}, map[string]any{"type": "null"})}
}
