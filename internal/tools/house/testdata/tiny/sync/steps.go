package sync

// Add is declared apart from its type.
func (p *Plan) Add(step string) {
	if len(p.Steps) < most {
		p.Steps = append(p.Steps, named(step))
	}
}
