package okta

import (
	"slices"

	"scim-sync/idp"
	"scim-sync/internal/idset"
)

// assigned gathers the people of the app's list, each once, in the order in which they came.
type assigned struct {
	pages  [][]idp.Person
	n      int
	places []int32  // 1 + who has this number in the dictionary came as; 0: nobody
	unsure []string // ids of which two entries say different things
}

// add takes a page, whose ids are in the dictionary. It gives how many there
// are of whom two entries say different things.
func (c *assigned) add(page []idp.Person, texts *idset.Dictionary) int {
	kept := page[:0]
	for _, p := range page {
		number := int(texts.Number(p.ID))
		if more := number + 1 - len(c.places); more > 0 {
			c.places = append(c.places, make([]int32, more)...)
		}
		place := &c.places[number]
		if *place == 0 {
			c.n++
			*place = int32(c.n)
			kept = append(kept, p)
			continue
		}
		if was := c.at(int(*place)-1, kept); !sameEntry(*was, p) && !slices.Contains(c.unsure, p.ID) {
			c.unsure = append(c.unsure, p.ID)
		}
	}
	c.pages = append(c.pages, slices.Clone(kept))
	return len(c.unsure)
}

// at is who came as the i-th, from 0; kept is the page in hand.
func (c *assigned) at(i int, kept []idp.Person) *idp.Person {
	for _, p := range c.pages {
		if i < len(p) {
			return &p[i]
		}
		i -= len(p)
	}
	return &kept[i]
}

// all are the people.
func (c *assigned) all() []idp.Person { return slices.Concat(c.pages...) }
