package sync

const most = 3

func named(step string) string {
	p := Plan{}
	if step == "" {
		p.Add("nothing")
	}
	return step
}
