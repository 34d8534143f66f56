package config

// Need is a set of things that a command needs from the settings.
type Need uint

// The needs; combine them with |.
const (
	// NeedOkta: the org, the app, and one complete credential; or, with
	// idp.source file, the directory file alone.
	NeedOkta Need = 1 << iota
	// NeedAttio: whatever the settings say of the token can be used; login's
	// stored token and workspace may stand in for what they do not say.
	NeedAttio
	// NeedOrg: what NeedOkta is, but for the app, which is still to be found.
	NeedOrg
	// NeedLogin: client id and secret of the Attio app.
	NeedLogin
)

// Need says what is missing for a command, all of it at once, and how to set
// each; nil when nothing is. The error is an [*Error].
func (s *Settings) Need(need Need) error {
	var problems []Problem
	if need&NeedOkta != 0 && s.IDP.Source == FromDirectoryFile {
		need &^= NeedOkta
		if s.IDP.File == "" {
			problems = append(problems, s.missing("idp.file", "; or write idp.source: okta"))
		}
	}
	without := ""
	if need&NeedOrg != 0 {
		need, without = need|NeedOkta, "okta.app_id"
	}
	for _, k := range keys() {
		if k.path == without {
			continue
		}
		if p, ok := s.about().broken[k.path]; ok && k.used&need != 0 {
			problems = append(problems, p)
		} else if k.required&need != 0 && !present(k.shown(s)) {
			problems = append(problems, s.missing(k.path, ""))
		}
	}
	if need&NeedOkta != 0 {
		problems = append(problems, s.missingCredential()...)
	}
	return asError(problems)
}

// Unusable are secrets whose file the settings name and which cannot be used.
// A command that looks at one fails in [Settings.Need].
func (s *Settings) Unusable() []Problem {
	var problems []Problem
	for _, k := range keys() {
		if p, ok := s.about().broken[k.path]; ok {
			problems = append(problems, p)
		}
	}
	return problems
}

func (s *Settings) missingCredential() []Problem {
	app := s.Okta.ServiceApp
	_, tokenBroken := s.about().broken["okta.api_token"]
	_, keyBroken := s.about().broken["okta.service_app.private_key"]
	switch {
	case s.Okta.APIToken.Given() || tokenBroken:
		return nil
	case !app.Given() && !keyBroken && s.Absent("okta.service_app.client_id") == "":
		return []Problem{s.missing("okta.api_token", "; or give okta.service_app with client_id, key_id and private_key_file")}
	}
	var problems []Problem
	for _, part := range []struct {
		path  string
		there bool
	}{
		{"okta.service_app.client_id", app.ClientID != ""},
		{"okta.service_app.key_id", app.KeyID != ""},
		{"okta.service_app.private_key", app.PrivateKey.Given() || keyBroken},
	} {
		if !part.there {
			problems = append(problems, s.missing(part.path, ""))
		}
	}
	return problems
}

// missing says that a key is missing, why if that is known, and how to set it.
func (s *Settings) missing(path, more string) Problem {
	file := s.File()
	if file == "" {
		file = FileName
	}
	return Problem{Key: path, Missing: true, Why: s.Absent(path), Message: "set it in " + file + " or as " + variableOf(path) + more}
}

// present says whether a shown value is one.
func present(v any) bool {
	text, ok := v.(string)
	return !ok || text != ""
}
