package view

import "testing"

// vars is an environment.
func vars(pairs ...string) Env {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestUseColour(t *testing.T) {
	for _, c := range []struct {
		name string
		flag bool
		env  Env
		tty  bool
		want bool
	}{
		{"a terminal", false, vars(), true, true},
		{"a pipe", false, vars(), false, false},
		{"the flag on a terminal", true, vars(), true, false},
		{"the flag beats force", true, vars("CLICOLOR_FORCE", "1"), true, false},
		{"NO_COLOR=1", false, vars("NO_COLOR", "1"), true, false},
		{"NO_COLOR=yes is no boolean and counts", false, vars("NO_COLOR", "yes"), true, false},
		{"NO_COLOR=0 counts too", false, vars("NO_COLOR", "0"), true, false},
		{"NO_COLOR empty does not", false, vars("NO_COLOR", ""), true, true},
		{"NO_COLOR beats force", false, vars("NO_COLOR", "1", "CLICOLOR_FORCE", "1"), false, false},
		{"force in a pipe", false, vars("CLICOLOR_FORCE", "1"), false, true},
		{"force of any value", false, vars("CLICOLOR_FORCE", "yes"), false, true},
		{"force=0 is none", false, vars("CLICOLOR_FORCE", "0"), false, false},
		{"force=0 leaves a terminal alone", false, vars("CLICOLOR_FORCE", "0"), true, true},
		{"force empty is none", false, vars("CLICOLOR_FORCE", ""), false, false},
		{"force beats CLICOLOR=0", false, vars("CLICOLOR_FORCE", "1", "CLICOLOR", "0"), false, true},
		{"force beats a dumb terminal", false, vars("CLICOLOR_FORCE", "1", "TERM", "dumb"), true, true},
		{"CLICOLOR=0", false, vars("CLICOLOR", "0"), true, false},
		{"CLICOLOR=1 in a pipe", false, vars("CLICOLOR", "1"), false, false},
		{"a dumb terminal", false, vars("TERM", "dumb"), true, false},
		{"CI on a terminal", false, vars("CI", "true"), true, true},
	} {
		if got := UseColour(c.flag, c.env, c.tty); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestUseProgress(t *testing.T) {
	for _, c := range []struct {
		name           string
		quiet, machine bool
		env            Env
		tty            bool
		want           bool
	}{
		{"a terminal", false, false, vars(), true, true},
		{"a pipe", false, false, vars(), false, false},
		{"quiet", true, false, vars(), true, false},
		{"JSON asked for", false, true, vars(), true, false},
		{"a dumb terminal", false, false, vars("TERM", "dumb"), true, false},
		{"CI", false, false, vars("CI", "true"), true, false},
		{"CI=1", false, false, vars("CI", "1"), true, false},
		{"CI=false", false, false, vars("CI", "false"), true, true},
		{"CI empty", false, false, vars("CI", ""), true, true},
		{"NO_COLOR says nothing about progress", false, false, vars("NO_COLOR", "1"), true, true},
	} {
		if got := UseProgress(c.quiet, c.machine, c.env, c.tty); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestColourIsAskedOfTheStreamAlone(t *testing.T) {
	t.Setenv("CLICOLOR_FORCE", "1")
	t.Setenv("TERM", "xterm-256color")
	if on := paletteOf(rendererOf(Stream{TTY: true})).add.on; on != "" {
		t.Errorf("a stream without colour begins green with %q", on)
	}
	t.Setenv("CLICOLOR_FORCE", "")
	t.Setenv("NO_COLOR", "1")
	if on := paletteOf(rendererOf(Stream{Colour: true})).add.on; on != "\x1b[32m" {
		t.Errorf("a coloured stream begins green with %q", on)
	}
}
