package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"scim-sync/cmd/internal/cli"
)

// manuals writes a man page of each command that its parent's help lists.
func manuals(c *cobra.Command, folder, version string, date time.Time) error {
	c.DisableAutoGenTag = true
	page, err := manual(c, &doc.GenManHeader{Section: "1", Date: &date, Source: "scim-sync " + version, Manual: "scim-sync"})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1"), page, 0o644); err != nil {
		return err
	}
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := manuals(sub, folder, version, date); err != nil {
			return err
		}
	}
	return nil
}

// manual is a page with the exit codes, which the library knows nothing of, before
// the examples (https://man7.org/linux/man-pages/man7/man-pages.7.html).
func manual(c *cobra.Command, header *doc.GenManHeader) ([]byte, error) {
	var page, codes bytes.Buffer
	if err := doc.GenMan(c, header, &page); err != nil {
		return nil, err
	}
	list := cli.ExitCodesOf(c)
	if !c.HasParent() {
		list = cli.ExitCodes()
	}
	fmt.Fprintln(&codes, ".SH EXIT STATUS")
	for _, x := range list {
		fmt.Fprintf(&codes, ".TP\n\\fB%d\\fR\n%s\n", x.Code, strings.ReplaceAll(x.Meaning, "-", `\-`))
	}
	fmt.Fprintln(&codes)
	const examples = ".SH EXAMPLE\n"
	return bytes.Replace(page.Bytes(), []byte(examples), append(codes.Bytes(), examples...), 1), nil
}
