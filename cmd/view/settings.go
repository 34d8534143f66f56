package view

// SettingsText shows settings on a terminal: each row a key, its value and where that
// came from. wide shows all of them, however narrow the terminal is. The error is the
// stream's.
func SettingsText(s Stream, head string, rows [][]string, wide bool) error {
	out := newPrinter(s)
	out.line(0, 2, seg{text: out.say(head, longestDetail), paint: out.faint})
	g := grid{wide: wide, columns: []column{{title: "SETTING"}, {title: "VALUE", least: 12}, {title: "FROM", rank: 1, least: 12}}}
	for _, r := range rows {
		g.rows = append(g.rows, []string{clean(r[0]), out.say(r[1], longestDetail), out.detail(r[2])})
	}
	out.table(g)
	return out.flush()
}
