package sync

// move sets a field that the step changes.
func move[T comparable](now *T, was, is T) {
	if was != is {
		*now = is
	}
}
