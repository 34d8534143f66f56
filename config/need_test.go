package config

import (
	"path/filepath"
	"testing"
)

// Where a directory file stands in for Okta, nothing of Okta is needed; the
// file is looked for beside the settings file, or where a variable says.
func TestDirectoryFileStandsInForOkta(t *testing.T) {
	cases := []struct {
		name, file string
		env        map[string]string
		path, err  string
	}{
		{"beside the settings", "idp: {source: file, file: dir.json}", nil, "/site/dir.json", ""},
		{"below the working folder", "idp: {source: file}", map[string]string{"SCIM_SYNC_IDP_FILE": "dir.json"}, "/work/dir.json", ""},
		{"a full path", "idp: {source: file, file: /etc/dir}", nil, "/etc/dir", ""},
		{"no file named", "idp: {source: file}", nil, "", "idp.file is missing; set it in /site/scim-sync.yaml or as SCIM_SYNC_IDP_FILE; or write idp.source: okta"},
		{"a variable that is not set", "idp: {source: file, file: '${DIR}'}", nil, "",
			"idp.file is missing (the file says ${DIR}, which is not set); set it in /site/scim-sync.yaml or as SCIM_SYNC_IDP_FILE; or write idp.source: okta"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := sources(c.file, c.env)
			src.ConfigFlag, src.WorkDir = "/site/scim-sync.yaml", "/work"
			s := mustLoad(t, src)
			got := ""
			if err := s.Need(NeedOkta); err != nil {
				got = err.Error()
			}
			if got != c.err || filepath.ToSlash(s.DirectoryFile()) != c.path {
				t.Errorf("path %q, error %q", s.DirectoryFile(), got)
			}
		})
	}
	s := mustLoad(t, sources("idp: {file: dir.json}", nil))
	if w := s.Warnings(); len(w) != 1 || w[0].String() != "scim-sync.yaml:1:13: idp.file: is not read: idp.source is okta" {
		t.Errorf("warnings %v", w)
	}
}
