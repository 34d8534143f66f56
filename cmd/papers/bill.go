package main

import (
	"encoding/json"
	"net/url"
	"runtime"
	"strings"
)

// A bill of materials by CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). It
// has no serial number and no time stamp: both are optional, and the same commit is
// to give the same file.
type bill struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func billOf(modules []module, version string) ([]byte, error) {
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{component{Type: "application", Ref: "scim-sync", Name: "scim-sync", Version: version}}}
	goVersion := strings.TrimPrefix(runtime.Version(), "go")
	b.Components = append(b.Components, library("std", goVersion, nil))
	for _, m := range modules {
		b.Components = append(b.Components, library(m.Path, m.Version, m.Platforms))
	}
	out, err := json.MarshalIndent(b, "", "  ")
	return append(out, '\n'), err
}

// library is a module; where it is not linked in on every platform, those where it
// is are named.
func library(path, version string, on []string) component {
	purl := "pkg:golang/" + (&url.URL{Path: path}).EscapedPath() + "@" + url.PathEscape(version)
	c := component{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
	if len(on) > 0 && len(on) < len(platforms()) {
		c.Properties = []property{{"scim-sync:platforms", strings.Join(on, " ")}}
	}
	return c
}
