package cli

import (
	"fmt"
	"time"

	"scim-sync/idp"
	core "scim-sync/sync"
)

// How far the machine's clock may be off: more than aBit is told, and with more
// than tooFar nothing is planned, as leases, certificates and tokens go by it.
const (
	aBit   = time.Minute
	tooFar = 10 * time.Minute
)

// clock tells the time by the services' own clocks, the first that has answered:
// they are kept by people who are paid for it, and all machines that run
// scim-sync agree about them. Nothing that is kept is dated by the machine's.
type clock struct {
	now      func() time.Time // the machine's
	services []service        // in the order in which they are believed
	warned   bool
}

type service struct {
	name string
	idp.Dated
}

// Time is the present. The machine's own clock tells it until a service has, and
// in a sandbox, which is this very machine.
func (c *clock) Time() time.Time {
	if at, _, told := c.told(); told {
		return at
	}
	return c.now()
}

// redated gives what tells a time of Time's once more, by the services' clocks, where
// none had answered when Time was asked; nil: one had.
func (c *clock) redated() func(time.Time) time.Time {
	if _, _, told := c.told(); told {
		return nil
	}
	return func(t time.Time) time.Time {
		at, _, told := c.told()
		if !told {
			return t
		}
		return t.Add(at.Sub(c.now().Round(0)))
	}
}

func (c *clock) told() (at time.Time, who string, ok bool) {
	for _, s := range c.services {
		if at, ok = s.ServiceTime(); ok {
			return at, s.name, true
		}
	}
	return time.Time{}, "", false
}

// CompareClocks gives a warning, once, or an error, where the machine's clock is
// off.
func (c *clock) CompareClocks() (warning string, err error) {
	at, who, told := c.told()
	if !told {
		return "", nil
	}
	off := c.now().Round(0).Sub(at)
	if off.Abs() <= aBit {
		return "", nil
	}
	which := "ahead of"
	if off < 0 {
		which = "behind"
	}
	says := fmt.Sprintf("this machine's clock is %s %s %s's", off.Abs().Round(time.Second), which, who)
	if off.Abs() <= tooFar {
		if c.warned {
			return "", nil
		}
		c.warned = true
		return says + ", by which all dates are kept. Set it by NTP.", nil
	}
	return "", &core.UntrustedError{Detail: says + "; one of the two is wrong, so nothing that goes by time can be counted on", Advice: "Nothing was written. Set the clock (NTP), and run again."}
}
