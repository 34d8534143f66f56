package cli

import (
	"bufio"
	"io"
)

// linesOf gives the lines of an input, read only as far as they are taken.
func linesOf(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, 64<<10)
		for scan.Scan() {
			lines <- scan.Text()
		}
	}()
	return lines
}
