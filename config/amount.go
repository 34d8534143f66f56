package config

import (
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
