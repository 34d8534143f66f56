package cli

import "golang.org/x/sys/windows"

// hideTyping lets a console not show what is typed until the function that it gives
// is called. What is no console is left alone.
func hideTyping(fd int) (show func()) {
	var before uint32
	if windows.GetConsoleMode(windows.Handle(fd), &before) != nil {
		return func() {}
	}
	if windows.SetConsoleMode(windows.Handle(fd), before&^windows.ENABLE_ECHO_INPUT) != nil {
		return func() {}
	}
	return func() { _ = windows.SetConsoleMode(windows.Handle(fd), before) }
}
