package cmd

func three(n int) int {
	if n > 0 {
		return One(n - 1)
	}
	return 0
}
