package redact

// starts tells at a glance where none of some words begins, by their first four
// bytes: nearly all texts hold no secret, and each secret has many forms.
type starts struct {
	set  [1 << 16 / 64]uint64
	tiny bool // a word is shorter than four bytes: it may begin anywhere
}

const firstBytes = 4

func startsOf(words []string) *starts {
	s := new(starts)
	for _, w := range words {
		if len(w) < firstBytes {
			s.tiny = true
			continue
		}
		n := number(uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24)
		s.set[n/64] |= 1 << (n % 64)
	}
	return s
}

// number is that of four bytes, the first of them the lowest; others may have the same.
func number(four uint32) uint16 {
	return uint16(four * 0x9E3779B1 >> 16) //nolint:gosec // the upper half
}

// holds says whether a text holds one of the words that the starts are of.
func holds[T string | []byte](text T, words []string, s *starts) bool {
	if s == nil || s.tiny {
		return len(words) > 0
	}
	four := uint32(0)
	for i := range len(text) {
		four = four>>8 | uint32(text[i])<<24
		if n := number(four); s.set[n/64]&(1<<(n%64)) == 0 || i < firstBytes-1 {
			continue
		}
		from := i - (firstBytes - 1)
		for _, w := range words {
			if end := from + len(w); end <= len(text) && string(text[from:end]) == w {
				return true
			}
		}
	}
	return false
}
