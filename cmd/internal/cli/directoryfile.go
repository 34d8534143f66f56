package cli

import (
	"scim-sync/config"
	"scim-sync/idp"
	"scim-sync/idp/file"
)

// directoryFile opens the file that stands in for Okta. The org and app that it
// comes from are those of the run; settings that name others mean another file.
func directoryFile(c *config.Settings) (idp.Source, error) {
	f, err := file.Open(c.DirectoryFile())
	if err != nil {
		return nil, err
	}
	from := f.Origin()
	for _, x := range []struct{ key, set, has string }{{"okta.org_url", c.Okta.OrgURL, from.OrgURL}, {"okta.app_id", c.Okta.AppID, from.AppID}} {
		if x.set != "" && x.set != x.has {
			return nil, &idp.Error{
				Kind: idp.Setting, Op: "read the directory file", Subject: c.IDP.File, Detail: "it comes from " + x.has + ", but " + x.key + " is " + x.set,
				Hint: "Name the right file in idp.file, or leave " + x.key + " out: with idp.source: file, the file says it.",
			}
		}
	}
	c.Okta.OrgURL, c.Okta.AppID = from.OrgURL, from.AppID
	return f, nil
}

// Decides refuses a saved directory for a run that writes: since it was saved,
// people have come and gone.
func Decides(source idp.Source, command string) error {
	f, ok := source.(*file.Source)
	if !ok || !f.Saved() {
		return nil
	}
	return &idp.Error{
		Kind: idp.Setting, Op: command, Subject: "idp.file", Detail: "the directory file is a copy of what " + f.Origin().Name + " said at " + f.At().UTC().Format("2006-01-02 15:04 MST"),
		Hint: "A saved directory is for plan and explain. Let the source itself decide: idp.source: okta.",
	}
}
