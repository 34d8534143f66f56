package cmd

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"scim-sync/cmd/internal/cli"
)

// What Go does by itself on a crash, and on SIGQUIT and SIGABRT, is to print the
// goroutines and to exit with 2: the code that says that changes are pending.

// abortOnCrash has a crash of the runtime, which nothing can catch (no memory, a
// deadlock, another goroutine's panic), end by SIGABRT: a shell sees 134. No
// core is left of it, for it would hold the secrets.
func abortOnCrash() {
	debug.SetTraceback("crash")
	noCore()
}

// untilDumped runs the program and gives its code; a SIGQUIT or SIGABRT in the
// meantime prints the goroutines and is an internal error.
func untilDumped(program func() int, out io.Writer) int {
	dump := make(chan os.Signal, 1)
	signal.Notify(dump, syscall.SIGQUIT, syscall.SIGABRT)
	defer signal.Stop(dump)
	code := make(chan int, 1)
	go func() { code <- program() }()
	select {
	case c := <-code:
		return c
	case s := <-dump:
		_, _ = fmt.Fprintf(out, "%v: ended at once\n\n%s", s, goroutines())
		return cli.ExitInternal
	}
}

// goroutines tells where all of them are.
func goroutines() []byte {
	text := make([]byte, 1<<16)
	for {
		n := runtime.Stack(text, true)
		if n < len(text) {
			return text[:n]
		}
		text = make([]byte, 2*len(text))
	}
}
