// Command house measures how the program is built, so that it does not get
// worse unseen: which files use each other in circles, which types are large,
// and how long it is. Run it from anywhere inside:
//
//	go run -C internal/tools ./house            # a table
//	go run -C internal/tools ./house -v         # and each backward arrow
//	go run -C internal/tools ./house -max-sync 30 -max-cmd 10
//
// An arrow goes from a file to another of its package that declares a name it
// uses; it runs backward when it is part of a circle. It exits with 1 when a
// limit is exceeded, and with 2 when it could not measure.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	within, err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(2)
	}
	if !within {
		os.Exit(1)
	}
}

// none is a limit that nothing exceeds.
const none = -1

func run(args []string, out, errOut io.Writer) (within bool, err error) {
	flags := flag.NewFlagSet("house", flag.ContinueOnError)
	flags.SetOutput(errOut)
	dir := flags.String("C", ".", "measure the program that this `folder` is inside of")
	verbose := flags.Bool("v", false, "list every backward arrow with the names that cause it")
	strict := flags.Bool("strict", false, "for -v and the limits, types and fields draw arrows too")
	allowed := map[string]*int{
		"sync": flags.Int("max-sync", none, "backward arrows allowed in sync and its rooms"),
		"cmd":  flags.Int("max-cmd", none, "backward arrows allowed in cmd and its rooms"),
	}
	maxLarge := flags.Int("max-large", none, "large types allowed in both")
	maxLines := flags.Int("max-lines", none, "product lines allowed, without idp/file")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	root, err := findRoot(*dir)
	if err != nil {
		return false, err
	}
	within = true
	limit := func(what string, measured, limit int) {
		if limit != none && measured > limit {
			within = false
			fmt.Fprintf(errOut, "house: %s: %d, and %d are allowed\n", what, measured, limit)
		}
	}
	fmt.Fprintf(out, format, "arrows", "called", "backward", "all", "backward", "mutual")
	var types []large
	for _, floor := range []string{"sync", "cmd"} {
		rooms, err := load(root, floor)
		if err != nil {
			return false, err
		}
		limit("backward arrows in "+floor+" and its rooms", printRooms(out, floor, rooms, *verbose, *strict), *allowed[floor])
		for _, r := range rooms {
			types = append(types, largeTypes(r)...)
		}
	}
	fmt.Fprintf(out, "\nlarge types (over %d methods, over %d fields)\n", manyMethods, manyFields)
	for _, t := range types {
		fmt.Fprintf(out, "  %-28s %3d %s\n", t.name, t.count, t.what)
	}
	limit("large types", len(types), *maxLarge)
	all, inside, err := productLines(root, "idp/file")
	fmt.Fprintf(out, "\nproduct lines: %d, without idp/file %d\n", all, all-inside)
	limit("product lines without idp/file", all-inside, *maxLines)
	return within, err
}

// findRoot goes up from the folder to the program's.
func findRoot(folder string) (string, error) {
	at, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for !exists(at, "go.mod") || !exists(at, "sync") || !exists(at, "cmd") {
		if at == filepath.Dir(at) {
			return "", errors.New(folder + " and the folders above it have no go.mod beside sync and cmd")
		}
		at = filepath.Dir(at)
	}
	return at, nil
}

const format = "%-14s %6v %8v   %6v %8v %6v\n"

// printRooms prints a line for each room and their sum, and returns how many
// arrows run backward.
func printRooms(out io.Writer, floor string, rooms []room, verbose, strict bool) int {
	counted, sum := 0, [5]int{}
	row := func(name string, n [5]int) { fmt.Fprintf(out, format, name, n[0], n[1], n[2], n[3], n[4]) }
	for _, r := range rooms {
		called, all := draw(r, false), draw(r, true)
		backward, strictly := called.backward(), all.backward()
		counts := [5]int{len(called), len(backward), len(all), len(strictly), len(all.mutual())}
		for i := range counts {
			sum[i] += counts[i]
		}
		row(r.path, counts)
		if strict {
			backward = strictly
		}
		counted += len(backward)
		if verbose {
			printArrows(out, backward)
		}
	}
	row(floor+", all", sum)
	return counted
}

func printArrows(out io.Writer, d drawing) {
	var lines []string
	for a, names := range d {
		slices.Sort(names)
		lines = append(lines, fmt.Sprintf("  %s -> %s: %s\n", a.from, a.to, strings.Join(names, ", ")))
	}
	slices.Sort(lines)
	fmt.Fprint(out, strings.Join(lines, ""))
}
