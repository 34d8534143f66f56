package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHooksGoToHTTPSOrThisMachine: a mistake in an address is told without a letter
// of it.
func TestHooksGoToHTTPSOrThisMachine(t *testing.T) {
	for address, want := range map[string]string{
		"https://hooks.slack.example/services/T/B/x": "",
		"https://p.example/workflows/1?sig=s&sv=1.0": "",
		"http://localhost:8080/x":                    "",
		"http://[::1]:8080/x":                        "",
		"http://hooks.example/hidden":                "must be https; plain http is taken for loopback addresses only",
		"ftp://hooks.example/hidden":                 "must start with https://",
		"hooks.example/hidden":                       "must be a web address",
		"https://u:hidden@hooks.example/x":           "must hold no user and no fragment",
	} {
		_, err := Load(sources(fmt.Sprintf("notify: [{url: %q}]", address), nil))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), "notify[0].url") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden")):
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}

// TestHookWithoutItsAddressIsWarnedOf: a run does its work without, on whatever
// machine it is looked at.
func TestHookWithoutItsAddressIsWarnedOf(t *testing.T) {
	s := mustLoad(t, sources("notify:\n  - {url: '${HOOK}', format: slack}\n  - {url_file: hook.txt}\n", nil))
	var warnings []string
	for _, w := range s.Warnings() {
		warnings = append(warnings, w.String())
	}
	if d := cmp.Diff([]string{
		"scim-sync.yaml:2:3: notify[0].url: the file says ${HOOK}, which is not set; nothing is sent there",
		"scim-sync.yaml:2:3: notify[1].url_file: /site/hook.txt cannot be read: there is no such file; nothing is sent there",
	}, warnings); d != "" {
		t.Error(d)
	}
	for _, h := range s.Notify {
		if h.URL.Given() {
			t.Errorf("%v has an address", h)
		}
	}
}

// TestHookTakesItsAddressFromAFile: as every secret does.
func TestHookTakesItsAddressFromAFile(t *testing.T) {
	src := Sources{WorkDir: "/elsewhere", ConfigFlag: "/site/scim-sync.yaml", Open: memory(map[string]string{
		"/site/scim-sync.yaml": "notify: [{url_file: hook.txt, format: slack}]", "/site/hook.txt": "https://hooks.example/T\n",
	})}
	s := mustLoad(t, src)
	if got := s.Notify[0].URL.Reveal(); got != "https://hooks.example/T" || s.Notify[0].Host() != "hooks.example" {
		t.Errorf("%q at %s", got, s.Notify[0].Host())
	}
	if _, err := Load(sources("notify: [{url: 'https://a.example/x', url_file: b}]", nil)); err == nil || !strings.Contains(err.Error(), "notify[0].url_file: is given together with url") {
		t.Errorf("both: %v", err)
	}
	if _, err := Load(sources("notify: [{format: slack}]", nil)); err == nil || !strings.Contains(err.Error(), "notify[0].url is missing") {
		t.Errorf("none: %v", err)
	}
}
