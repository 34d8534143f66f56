package e2e

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"

	"scim-sync/attio/attiotest"
	"scim-sync/internal/freeport"
)

// browse is the browser of a sign-in, with a person before it: it goes
// through Attio's pages and to where they lead.
func browse() {
	var who attiotest.Visitor
	flag.StringVar(&who.Email, "as", "ada@acme.example", "address to sign in with")
	flag.StringVar(&who.Workspace, "workspace", "acme", "workspace to choose")
	flag.BoolVar(&who.Cancel, "cancel", false, "cancel instead")
	forge := flag.Bool("forge", false, "come with another state first, as somebody else may")
	flag.Parse()
	back, err := who.Consent(context.Background(), flag.Arg(0))
	var resp *http.Response
	if err == nil && *forge {
		if resp, err = http.Get(regexp.MustCompile(`state=[^&]*`).ReplaceAllString(back, "state=anothers")); err == nil && resp.StatusCode != http.StatusBadRequest {
			err = fmt.Errorf("a forged answer was answered %s", resp.Status)
		}
	}
	if err == nil {
		resp, err = http.Get(back)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, _ = io.Copy(os.Stdout, resp.Body)
	_ = resp.Body.Close()
}

// freeRedirect is a redirect address on a port that is free now.
func freeRedirect(ts *testscript.TestScript) string {
	redirect, err := freeport.Callback()
	ts.Check(err)
	return redirect
}
