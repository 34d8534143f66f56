package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Percent is a share from 1 to 100 percent.
type Percent int

// String gives the share as the file has it: 75%.
func (p Percent) String() string { return strconv.Itoa(int(p)) + "%" }

// Fraction gives the share as a number from 0 to 1.
func (p Percent) Fraction() float64 { return float64(p) / 100 }

const day = 24 * time.Hour

// readDuration reads a duration as Go writes it, before which days may stand:
// 90m, 400d, 1d12h. A day is 24 hours.
func readDuration(text string) (time.Duration, bool) {
	before, rest, ok := strings.Cut(text, "d")
	if !ok {
		d, err := time.ParseDuration(text)
		return d, err == nil
	}
	days, ok := digits(strings.TrimPrefix(before, "+"))
	if !ok || days > int(math.MaxInt64/day)-1 {
		return 0, false
	}
	d := time.Duration(0)
	if rest != "" {
		var err error
		if d, err = time.ParseDuration(rest); err != nil || d < 0 || d > day {
			return 0, false
		}
	}
	return time.Duration(days)*day + d, true
}

// inDays writes a duration with its whole days: 400d, 1d12h.
func inDays(d time.Duration) string {
	switch days, rest := d/day, d%day; {
	case days == 0:
		return inHours(d)
	case rest == 0:
		return fmt.Sprintf("%dd", days)
	default:
		return fmt.Sprintf("%dd%s", days, inHours(rest))
	}
}

// inHours writes a duration without its empty parts: 24h, not 24h0m0s.
func inHours(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
