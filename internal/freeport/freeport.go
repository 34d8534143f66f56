// Package freeport finds ports for tests that have to name one before somebody
// listens there.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Below 32768 no system that the tests run on gives ports by itself: what is free
// there does not go to another test's connection meanwhile.
const from, until = 20000, 32000

// Find gives a port of 127.0.0.1 at which nobody listens.
func Find() (int, error) {
	for range 100 {
		port := from + rand.N(until-from)
		l, err := net.Listen("tcp", at(port)) //nolint:noctx // nothing to wait for
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no port of a hundred is free")
}

func at(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Address gives 127.0.0.1 with such a port.
func Address() (string, error) {
	port, err := Find()
	return at(port), err
}

// Callback gives a redirect address at such a port, for the end of a sign-in.
func Callback() (string, error) {
	port, err := Find()
	return fmt.Sprintf("http://localhost:%d/callback", port), err
}
