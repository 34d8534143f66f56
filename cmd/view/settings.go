package view

import "strings"

// SettingsText shows settings on a terminal: each row a key, its value and where that
// came from; file is theirs, empty for none. wide shows all of them, however narrow the terminal is. The error is the
// stream's.
func SettingsText(s Stream, file string, rows [][]string, wide bool) error {
	out := newPrinter(s)
	out.line(0, 2, seg{text: "# settings file: " + firstOf(out.detail(file), "none"), paint: out.faint})
	g := grid{wide: wide, columns: []column{{title: "SETTING"}, {title: "VALUE", least: 12}, {title: "FROM", rank: 1, least: 12}}}
	for _, r := range rows {
		from := r[2]
		if line, ok := strings.CutPrefix(from, file+":"); ok && file != "" { // the file is named above
			from = "line " + line
		}
		g.rows = append(g.rows, []string{clean(r[0]), out.say(r[1], longestDetail), out.detail(from)})
	}
	out.table(g)
	return out.flush()
}
