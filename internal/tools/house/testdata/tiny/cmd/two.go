package cmd

func two(n int) int { return three(n) }
