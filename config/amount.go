package config

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Amount is a number of things, or a percentage of them.
type Amount struct {
	Percent bool
	N       int // 0 or more; of a percentage at most 100
}

// Of gives the amount out of total, a percentage rounded down.
func (a Amount) Of(total int) int {
	if a.Percent {
		return total * a.N / 100
	}
	return a.N
}

// String gives the amount as the file has it: 20% or 20.
func (a Amount) String() string {
	if a.Percent {
		return strconv.Itoa(a.N) + "%"
	}
	return strconv.Itoa(a.N)
}

// MarshalJSON gives "20%" or 20.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.Percent {
		return json.Marshal(a.String())
	}
	return json.Marshal(a.N)
}

// Percent is a share from 1 to 100 percent.
type Percent int

// String gives the share as the file has it: 75%.
func (p Percent) String() string { return strconv.Itoa(int(p)) + "%" }

// Fraction gives the share as a number from 0 to 1.
func (p Percent) Fraction() float64 { return float64(p) / 100 }

// brief writes a duration without its empty parts: 24h, not 24h0m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
