package planner

import (
	"scim-sync/attio"
	"scim-sync/idp"
)

// askedAtOnce is how many questions about the absent are under way at once.
const askedAtOnce = 4

// asker asks both sides what a plan needs to know, and puts the answers into
// the input of the next one.
type asker struct {
	src idp.Source
	r   attio.Reader
	in  *Input
}
