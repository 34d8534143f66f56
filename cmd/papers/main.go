// Command papers writes what goes into a release beside the program: man pages,
// completions, the licences of what is linked into it, and a list of that
// (CycloneDX). It writes the same bytes for the same commit.
//
//	go run ./cmd/papers -version 1.2.3 FOLDER
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"scim-sync/cmd"
)

func main() {
	version := flag.String("version", "dev", "of the release")
	date := flag.String("date", "0", "of the commit, in seconds since 1970")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: papers [-version 1.2.3] [-date SECONDS] FOLDER")
		os.Exit(2) //nolint:forbidigo // this is main
	}
	if err := write(flag.Arg(0), *version, *date); err != nil {
		fmt.Fprintln(os.Stderr, "papers:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// write makes the folder anew.
func write(folder, version, date string) error {
	seconds, err := strconv.ParseInt(date, 10, 64)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for _, sub := range []string{"man", "completions"} {
		if err := os.MkdirAll(filepath.Join(folder, sub), 0o755); err != nil {
			return err
		}
	}
	root := cmd.Tree(version)
	if err := manuals(root, filepath.Join(folder, "man"), version, time.Unix(seconds, 0).UTC()); err != nil {
		return err
	}
	if err := completions(root, filepath.Join(folder, "completions")); err != nil {
		return err
	}
	modules, err := linked()
	if err != nil {
		return err
	}
	notices, err := noticesOf(modules)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "THIRD-PARTY-NOTICES"), notices, 0o644); err != nil {
		return err
	}
	list, err := billOf(modules, version)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "scim-sync.cdx.json"), list, 0o644)
}

// completions are named as each shell's folder of completions wants them.
func completions(root *cobra.Command, folder string) error {
	for name, write := range map[string]func(string) error{
		"scim-sync":      func(f string) error { return root.GenBashCompletionFileV2(f, true) },
		"_scim-sync":     root.GenZshCompletionFile,
		"scim-sync.fish": func(f string) error { return root.GenFishCompletionFile(f, true) },
		"scim-sync.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}
