package transport

import "testing"

// TestRoomsAreLittleLargerThanAsked: and each size is one number's, so that what is
// given back is found again.
func TestRoomsAreLittleLargerThanAsked(t *testing.T) {
	last, sizeOfLast := -1, 0
	for n := 1; n < 1<<27; n += 1 + n/100 {
		number, size := sizeOf(n)
		again, same := sizeOf(size)
		if size < n || size > max(n+n/4+1, 1<<smallest) || again != number || same != size {
			t.Fatalf("%d bytes: number %d of %d bytes, which is number %d of %d bytes", n, number, size, again, same)
		}
		if number != last && (number != last+1 || size <= sizeOfLast) || number == last && size != sizeOfLast || number >= sizes {
			t.Fatalf("%d bytes: number %d of %d bytes comes after number %d of %d bytes", n, number, size, last, sizeOfLast)
		}
		last, sizeOfLast = number, size
	}
}
