package view

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// The kinds of change that a chart of days tells apart, in its order.
const (
	dayAdded = iota
	dayChanged
	dayTaken
	dayAdopted
	dayFailed
	dayKinds
)

func dayWords() [dayKinds]string {
	return [dayKinds]string{"added", "changed", "taken away", "adopted", "failed"}
}

func dayClasses() [dayKinds]string { return [dayKinds]string{"add", "change", "cut", "known", "ink"} }

// Days counts the changes of each day (UTC) by kind.
type Days struct{ by map[time.Time]*[dayKinds]int }

// Add counts an event, if it is one of the changes.
func (d *Days) Add(e state.Event) {
	kind, ok := dayKind(e)
	if !ok {
		return
	}
	if d.by == nil {
		d.by = map[time.Time]*[dayKinds]int{}
	}
	day := e.At.UTC().Truncate(24 * time.Hour)
	if d.by[day] == nil {
		d.by[day] = new([dayKinds]int)
	}
	d.by[day][kind]++
}

func dayKind(e state.Event) (int, bool) {
	switch {
	case e.Kind == state.LineOutcome && e.Of != nil && e.Outcome != nil:
		if e.Outcome.Unsent {
			return 0, false
		}
		if e.Outcome.Error != "" {
			return dayFailed, true
		}
		return effectKind(e.Of.Step.Action), true
	case e.Kind == state.LineLearn && e.Step != nil:
		return effectKind(e.Step.Action), true
	}
	return 0, false
}

func effectKind(a core.Action) int {
	switch a.Traits().Effect {
	case core.Adds:
		return dayAdded
	case core.Removes:
		return dayTaken
	case core.Records:
		return dayAdopted
	default:
		return dayChanged
	}
}

// mostDays are drawn, up to the last that has anything.
const mostDays = 92

// days are those to draw, without gaps.
func (d *Days) days() (days []time.Time) {
	var first, last time.Time
	for day := range d.by {
		if first.IsZero() || day.Before(first) {
			first = day
		}
		if day.After(last) {
			last = day
		}
	}
	if first.IsZero() {
		return nil
	}
	if early := last.AddDate(0, 0, 1-mostDays); first.Before(early) {
		first = early
	}
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	return days
}

func (d *Days) on(day time.Time) [dayKinds]int {
	if n := d.by[day]; n != nil {
		return *n
	}
	return [dayKinds]int{}
}

// dayRow is a day of the table below the chart.
type dayRow struct {
	Date   string
	Counts []string
}

func (d *Days) rows() (rows []dayRow) {
	for _, day := range slices.Backward(d.days()) {
		n := d.on(day)
		if sum(n[:]) == 0 {
			continue
		}
		row := dayRow{Date: day.Format(time.DateOnly)}
		for _, x := range n {
			row.Counts = append(row.Counts, thousands(x))
		}
		rows = append(rows, row)
	}
	return rows
}

// The chart's measures, in its own units.
const (
	chartWidth, chartHeight = 960, 240
	plotLeft, plotTop       = 56, 40
	plotWidth, plotHeight   = chartWidth - plotLeft - 16, chartHeight - plotTop - 34
	widestBar               = 28
)

// chart draws the days as bars, the kinds end to end; empty where nothing changed.
func (d *Days) chart() template.HTML {
	days, most := d.days(), 1
	if len(days) == 0 {
		return ""
	}
	for _, day := range days {
		n := d.on(day)
		most = max(most, sum(n[:]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="drawing" viewBox="0 0 %d %d" role="img" aria-label="Changes a day from %s to %s, at most %s; the table below says the same.">`,
		chartWidth, chartHeight, days[0].Format(time.DateOnly), days[len(days)-1].Format(time.DateOnly), thousands(most))
	for i, word := range dayWords() {
		x := plotLeft + i*130
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="10" width="12" height="12" rx="2"/><text class="small" x="%d" y="20">%s</text>`, dayClasses()[i], x, x+18, word)
	}
	marks := []int{0, most / 2, most}
	if most == 1 {
		marks = []int{0, most}
	}
	for _, mark := range marks {
		y := plotTop + plotHeight - mark*plotHeight/most
		fmt.Fprintf(&b, `<line x1="%d" x2="%d" y1="%d" y2="%d"/><text class="small soft end" x="%d" y="%d">%s</text>`, plotLeft, chartWidth-16, y, y, plotLeft-8, y+4, thousands(mark))
	}
	for i, day := range days {
		d.drawDay(&b, day, i, len(days), most)
	}
	return template.HTML(b.String() + `</svg>`) //nolint:gosec // numbers and words of ours
}

func (d *Days) drawDay(b *strings.Builder, day time.Time, i, all, most int) {
	slot := float64(plotWidth) / float64(all)
	middle := float64(plotLeft) + slot*(float64(i)+.5)
	wide := min(slot*.75, widestBar)
	y := float64(plotTop + plotHeight)
	n := d.on(day)
	if sum(n[:]) > 0 {
		var told []string
		b.WriteString("<g>")
		for kind, x := range n {
			if x == 0 {
				continue
			}
			high := max(1, float64(x)*plotHeight/float64(most))
			y -= high
			told = append(told, thousands(x)+" "+dayWords()[kind])
			fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, dayClasses()[kind], middle-wide/2, y, wide, high)
		}
		fmt.Fprintf(b, `<title>%s: %s</title></g>`, day.Format(time.DateOnly), strings.Join(told, ", "))
	}
	if every := max(1, (all+7)/8); i%every == 0 {
		fmt.Fprintf(b, `<text class="small soft middle" x="%.1f" y="%d">%s</text>`, middle, chartHeight-12, day.Format("2 Jan"))
	}
}
