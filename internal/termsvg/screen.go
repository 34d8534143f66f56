// Package termsvg draws what a program wrote to a terminal, as an SVG whose text
// is text. The pictures of README.md are made with it, by a test: nothing of it is
// linked into the program.
package termsvg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Screen is what a terminal shows: rows of cells, as many as were written.
type Screen struct {
	columns  int
	rows     [][]cell
	row, col int
	style    style
}

type cell struct {
	char  rune
	style style
}

// style is how a cell is written. Ink is 1 to 8 for the terminal's colours of 30
// to 37, and 0 for that of plain text.
type style struct {
	ink         int
	bold, faint bool
}

// Read gives the screen of a terminal that many columns wide after all of output.
// Each character takes one column. A control sequence that is not known is an
// error: a picture that leaves something out would not be one of the program.
func Read(columns int, output string) (*Screen, error) {
	s := &Screen{columns: columns}
	for rest := output; rest != ""; {
		if sequence, ok := strings.CutPrefix(rest, "\x1b["); ok {
			end := strings.IndexFunc(sequence, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return nil, fmt.Errorf("the control sequence %q has no end", rest)
			}
			if err := s.control(sequence[:end], sequence[end]); err != nil {
				return nil, err
			}
			rest = sequence[end+1:]
			continue
		}
		for _, char := range rest {
			if err := s.write(char); err != nil {
				return nil, err
			}
			rest = rest[len(string(char)):]
			break
		}
	}
	for len(s.rows) > 0 && len(s.rows[len(s.rows)-1]) == 0 {
		s.rows = s.rows[:len(s.rows)-1]
	}
	return s, nil
}

func (s *Screen) write(char rune) error {
	switch {
	case char == '\r':
		s.col = 0
		return nil
	case char == '\n':
		s.row++
		return nil
	case char < ' ' || char == 0x7f || char == '\ufffd':
		return fmt.Errorf("a terminal picture cannot show the character %q", char)
	}
	if s.col == s.columns { // as terminals do: only once there is more to write
		s.row, s.col = s.row+1, 0
	}
	for len(s.rows) <= s.row {
		s.rows = append(s.rows, nil)
	}
	for len(s.rows[s.row]) <= s.col {
		s.rows[s.row] = append(s.rows[s.row], cell{char: ' '})
	}
	s.rows[s.row][s.col] = cell{char, s.style}
	s.col++
	return nil
}

// control carries out the control sequence that ends with final (ECMA-48, 5.4).
func (s *Screen) control(parameters string, final byte) error {
	switch {
	case final == 'm':
		return s.paint(parameters)
	case final == 'A': // cursor up
		n, err := strconv.Atoi(parameters)
		if err != nil {
			return fmt.Errorf("the control sequence %q: %w", parameters+"A", err)
		}
		s.row = max(0, s.row-n)
	case final == 'K' && (parameters == "" || parameters == "0"): // erase to the end of the line
		s.erase()
	case final == 'K' && parameters == "2": // erase the line
		if s.row < len(s.rows) {
			s.rows[s.row] = nil
		}
	case final == 'J' && (parameters == "" || parameters == "0"): // and all below
		s.erase()
		s.rows = s.rows[:min(len(s.rows), s.row+1)]
	case final == 'h' || final == 'l': // show and hide the cursor, and the like
	default:
		return fmt.Errorf("a terminal picture does not know the control sequence %q", parameters+string(final))
	}
	return nil
}

func (s *Screen) erase() {
	if s.row < len(s.rows) && s.col < len(s.rows[s.row]) {
		s.rows[s.row] = s.rows[s.row][:s.col]
	}
}

// paint sets how what follows is written.
func (s *Screen) paint(parameters string) error {
	for p := range strings.SplitSeq(parameters, ";") {
		n, err := strconv.Atoi(p)
		switch {
		case p == "" || n == 0 && err == nil:
			s.style = style{}
		case n == 1:
			s.style.bold = true
		case n == 2:
			s.style.faint = true
		case n >= 30 && n <= 37:
			s.style.ink = n - 29
		default:
			return fmt.Errorf("a terminal picture does not know the style %q", p)
		}
	}
	return nil
}

// Text is what the screen says, line by line, without blanks at the ends.
func (s *Screen) Text() string {
	var b strings.Builder
	for _, row := range s.rows {
		var line strings.Builder
		for _, c := range row {
			line.WriteRune(c.char)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// runs are the stretches of a row that are written alike, without blanks at
// their ends: at which column each begins, and what it says.
func runs(row []cell) (found []run) {
	for at := 0; at < len(row); {
		end := at + 1
		for end < len(row) && row[end].style == row[at].style {
			end++
		}
		text := make([]rune, 0, end-at)
		for _, c := range row[at:end] {
			text = append(text, c.char)
		}
		begin := 0
		for begin < len(text) && text[begin] == ' ' {
			begin++
		}
		for len(text) > begin && text[len(text)-1] == ' ' {
			text = text[:len(text)-1]
		}
		if begin < len(text) {
			found = append(found, run{at + begin, slices.Clone(text[begin:]), row[at].style})
		}
		at = end
	}
	return found
}

type run struct {
	column int
	text   []rune
	style  style
}
