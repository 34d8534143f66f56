package pages

// shownRows is how many rows a page shows of anything; its JSON twin has them
// all.
const shownRows = 200

// Rows are the first of many.
type Rows[T any] struct {
	Rows  []T
	All   int
	Fewer bool
}

// First gives as many as a page shows.
func First[T any](all []T) Rows[T] {
	return Rows[T]{Rows: all[:min(len(all), shownRows)], All: len(all), Fewer: len(all) > shownRows}
}
