package config

import (
	"fmt"
	"strings"
)

// From is the kind of place a value came from.
type From string

// The places, weakest first.
const (
	FromDefault     From = "default"
	FromFile        From = "file"
	FromEnvironment From = "environment"
	FromFlag        From = "flag"
)

// Origin says where the effective value of a setting came from.
type Origin struct {
	From From `json:"from"`
	// Name is the environment variable or the flag.
	Name   string `json:"name,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Variables are those that the file names in ${...}.
	Variables []string `json:"variables,omitempty"`
	// SecretFile is the file a secret was read from; the rest then says
	// where that file was named.
	SecretFile string `json:"secret_file,omitempty"`
}

// String gives the origin in a few words: default, scim-sync.yaml:3,
// SCIM_SYNC_OKTA_ORG_URL, --workspace.
func (o Origin) String() string {
	text := string(FromDefault)
	switch o.From {
	case FromFile:
		text = fmt.Sprintf("%s:%d", o.File, o.Line)
		if len(o.Variables) > 0 {
			text += " (${" + strings.Join(o.Variables, "}, ${") + "})"
		}
	case FromEnvironment, FromFlag:
		text = o.Name
	}
	if o.SecretFile != "" {
		text = o.SecretFile + ", named in " + text
	}
	return text
}

// problem makes a problem at the origin.
func (o Origin) problem(key, format string, args ...any) Problem {
	return Problem{File: o.File, Line: o.Line, Column: o.Column, Variable: o.Name, Key: key, Message: fmt.Sprintf(format, args...)}
}

// record is what is known of the values in Settings beside the values
// themselves.
type record struct {
	file      string
	workspace string // the name of the one that was chosen of several
	origins   map[string]Origin
	// directoryFile is idp.file as a path that can be opened.
	directoryFile string
	absent        map[string]string  // why a key that the settings name has no value
	broken        map[string]Problem // secrets whose file cannot be used
	warnings      []Problem
	// hidden is every text that some place gives for a secret, in force or not.
	hidden []Secret
}

func newRecord() *record {
	return &record{origins: map[string]Origin{}, absent: map[string]string{}, broken: map[string]Problem{}}
}

// about gives the record, an empty one for settings made by hand.
func (s *Settings) about() *record {
	if s.record == nil {
		return newRecord()
	}
	return s.record
}

// File is the settings file as the user would name it; empty when none was read.
func (s *Settings) File() string { return s.about().file }

// DirectoryFile is idp.file as a path that can be opened; empty without one.
func (s *Settings) DirectoryFile() string { return s.about().directoryFile }

// Origin says where the value of a key came from, as okta.org_url.
func (s *Settings) Origin(key string) Origin {
	if o, ok := s.about().origins[key]; ok {
		return o
	}
	return Origin{From: FromDefault}
}

// Absent says why a key that the settings name has no value: a variable that
// is not set, or a secret's file that cannot be used. Empty for any other key.
func (s *Settings) Absent(key string) string { return s.about().absent[key] }

// Hidden lists every text that the file, the environment or a flag gives for a
// secret, also those that a stronger place replaces: none may be told.
func (s *Settings) Hidden() []Secret { return s.about().hidden }

// Warnings are what is odd, but does not stand in the way: variables that
// nothing reads, secrets that everybody can read.
func (s *Settings) Warnings() []Problem { return s.about().warnings }
