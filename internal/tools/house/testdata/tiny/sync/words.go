// Package sync has two files that call each other and one with their word.
package sync

// Plan is what both use; a method of it is in another file.
type Plan struct{ Steps []string }

func (p *Plan) full() bool { return len(p.Steps) == most }
