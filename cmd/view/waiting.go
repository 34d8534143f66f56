package view

import (
	"fmt"
	"math"
	"time"
)

// Waiting says that a limit of one side makes the run wait, and why.
func Waiting(side string, d time.Duration, why string) string {
	names := map[string]string{"okta": "Okta", "attio": "Attio"}
	if name, ok := names[side]; ok {
		side = name
	}
	d = time.Duration(math.Ceil(d.Seconds())) * time.Second
	text := span(d)
	if d < time.Minute {
		text = fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return clean(fmt.Sprintf("Waiting %s for %s: %s.", text, side, why))
}
