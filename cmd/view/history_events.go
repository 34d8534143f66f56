package view

import (
	"fmt"
	"strings"

	"scim-sync/idp"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// Tells says whether an event is worth a line of its own: not an announcement
// whose outcome follows, nor a settlement of what was right already.
func Tells(e state.Event) bool {
	switch e.Kind {
	case state.LineOutcome, state.LineBind, state.LineOverride, state.LineRecovered, state.LineRotated, state.LineRestored:
		return true
	case state.LineLearn:
		return e.Step != nil || ByHand(e) || e.Change != nil && e.Change.Person == nil && e.Change.Teams == nil
	}
	return false
}

// ByHand says whether a change of state was somebody's command and not what a
// run found.
func ByHand(e state.Event) bool {
	if e.By == nil {
		return false
	}
	command, _, _ := strings.Cut(e.By.Command, " ")
	return command != "apply" && command != "watch" && command != "sandbox"
}

// journalVoice speaks of what the journal holds.
type journalVoice struct{ voice }

// eventsText is what events are written on.
type eventsText struct{ *printer }

func (p eventsText) says() journalVoice { return journalVoice{p.voice} }

// events shows what happened, and counts what was only noted. by adds the run
// that each belongs to.
func (p *printer) events(events []state.Event, by bool) {
	open := map[uint64]state.Event{}
	noted := 0
	for _, e := range events {
		switch {
		case e.Kind == state.LineIntent:
			open[e.Seq] = e
		case Tells(e):
			delete(open, e.Ticket)
			eventsText{p}.event(e, by)
		case e.Kind == state.LineLearn:
			noted++
		default:
		}
	}
	for _, e := range events { // in the order of the journal
		if _, ok := open[e.Seq]; ok && e.Kind == state.LineIntent {
			eventsText{p}.unfinished(e, by)
		}
	}
	if noted > 0 {
		p.line(0, 2, seg{text: count(noted, "other entry notes", "other entries note") + " what was found right already.", paint: p.faint})
	}
}

// event writes one event: what, what became of it, why, on what proof, by whom.
func (p eventsText) event(e state.Event, by bool) {
	stamp := seg{text: when(e.At) + "  ", paint: p.faint}
	switch {
	case e.Kind == state.LineOutcome && e.Of != nil && e.Outcome != nil:
		p.did(stamp, e.Of.Step, p.says().became(*e.Outcome))
		p.because("why", p.why(e.Of.Step))
		if e.Of.Proof != nil {
			p.because("Okta", p.proofWords(*e.Of.Proof))
		}
		p.witnessed(22, e.Of.Step, e.Of.Log)
	case e.Step != nil:
		p.did(stamp, *e.Step, "noted, no request")
		p.because("why", p.why(*e.Step))
	default:
		p.line(0, 22, stamp, plain(p.says().other(e)))
	}
	if by {
		p.because("by", p.says().byWhom(e))
	}
}

func (p eventsText) did(stamp seg, s core.Step, became string) {
	r := p.row(s)
	segs := []seg{stamp, {text: r.sigil + " " + r.verb, paint: p.tone(r.tone)}, plain("  "), {text: r.subject, paint: p.bold}}
	if r.what != "" {
		segs = append(segs, plain("  "+r.what))
	}
	p.line(0, 22, append(segs, plain("  "+became))...)
}

// because writes one line below an event.
func (p eventsText) because(what, text string) {
	if text != "" {
		p.line(22, 28, seg{text: pad(what, 6), paint: p.faint}, plain(text))
	}
}

// became says what came of a write: "done (request …)", and of a technical voice
// "done (HTTP 200, 12 ms, request …)".
func (v journalVoice) became(o core.Outcome) string {
	word := "done"
	switch {
	case o.Unsent:
		word = "not sent: the run was interrupted before its turn"
	case o.Error != "" && o.Status == 0:
		word = "its fate is not known: " + v.detail(v.inWords(o.Error))
	case o.Error != "":
		word = "failed: " + v.detail(v.inWords(o.Error))
	}
	var more []string
	if o.Status != 0 && v.technical {
		more = append(more, fmt.Sprintf("HTTP %d", o.Status))
	}
	if o.Took > 0 && v.technical {
		more = append(more, span(o.Took))
	}
	if o.RequestID != "" {
		more = append(more, "request "+v.name(o.RequestID))
	}
	if len(more) == 0 {
		return word
	}
	return word + " (" + strings.Join(more, ", ") + ")"
}

func (p eventsText) unfinished(e state.Event, by bool) {
	if e.Intent == nil {
		return
	}
	p.did(seg{text: when(e.At) + "  ", paint: p.faint}, e.Intent.Step, "was begun; its end is not in the journal")
	if by {
		p.because("by", p.says().byWhom(e))
	}
}

// byWhom says which run an event belongs to.
func (v journalVoice) byWhom(e state.Event) string {
	if e.By == nil {
		return "run " + v.name(e.Run)
	}
	b := e.By
	text := firstOf(v.name(b.Operator), "unknown") + ", " + v.name(b.Command) + ", run " + v.name(b.RunID)
	if b.CIJob != "" {
		text += ", CI " + v.detail(b.CIJob)
	}
	if b.Reason != "" {
		text += "; reason: " + v.detail(b.Reason)
	}
	return text
}

// other puts an event that is no step into words.
func (v journalVoice) other(e state.Event) string {
	switch {
	case e.Binding != nil:
		return "the state was tied to the app " + v.name(e.Binding.AppID) + " of " + v.name(e.Binding.OrgURL) + " and the workspace " + v.name(e.Binding.WorkspaceID)
	case e.Override != nil:
		text := fmt.Sprintf("a rail was lifted: %s %d", v.name(e.Override.Flag), e.Override.N)
		if e.Override.Reason != "" {
			text += "; reason: " + v.detail(e.Override.Reason)
		}
		return text
	case e.Restored != nil:
		text := fmt.Sprintf("the state was restored from a backup of %s (serial %d, journal line %d)", when(e.Restored.Made), e.Restored.Serial, e.Restored.Seq)
		if e.Restored.By != "" {
			text += ", made by " + v.name(e.Restored.By)
		}
		return text
	case e.Recovered != nil && e.Recovered.CutBytes == 0:
		return v.detail(e.Recovered.Note)
	case e.Recovered != nil:
		return fmt.Sprintf("a half written end of the journal (%s) was cut off %s", count(int(e.Recovered.CutBytes), "byte", "bytes"), v.name(e.Recovered.Note))
	case e.Kind == state.LineRotated:
		return "an older part of the journal was set aside"
	case e.Change != nil:
		return v.changed(*e.Change)
	}
	return string(e.Kind)
}

// changed says what a change of state alone says.
func (v journalVoice) changed(c core.Change) string {
	switch {
	case c.Person != nil && c.Person.Released:
		return "released " + v.name(firstOf(c.Person.Email, c.Person.OktaID))
	case c.Person != nil:
		return "managed again: " + v.name(firstOf(c.Person.Email, c.Person.OktaID))
	case c.ForgetPerson != "":
		return "to be met anew: " + v.name(c.ForgetPerson)
	case len(c.Teams) > 0 && c.Teams[0].Unlinked:
		return "unlinked the group " + v.name(c.Teams[0].GroupID) + v.ofTeam(c.Teams[0])
	case len(c.Teams) > 0:
		return "the group " + v.name(c.Teams[0].GroupID) + " is managed again" + v.ofTeam(c.Teams[0])
	case len(c.ForgetTeams) > 0:
		return "the group " + v.name(strings.Join(c.ForgetTeams, ", ")) + " to be met anew"
	case c.Latch != nil:
		return "refused: " + v.name(c.Latch.Code) + "; removals beyond the floor are refused until they are within it again or allowed"
	case c.Unlatch:
		return "removals are within the floor again, or were allowed"
	case c.PlanApplied != nil:
		return "the saved plan " + v.name(c.PlanApplied.ID) + " was applied"
	}
	return "noted"
}

func (v journalVoice) ofTeam(t core.ManagedTeam) string {
	if name := firstOf(t.Applied.Name, t.TeamID); name != "" {
		return " (team " + v.name(name) + ")"
	}
	return ""
}

// fact writes "what  text" when there is a text.
func (p *printer) fact(what, text string) {
	if text != "" {
		p.line(2, 14, seg{text: pad(what, 10), paint: p.faint}, plain("  "+text))
	}
}

// proofWords say what Okta answered: "GET … 404 E0000007 at … (request …)".
func (v voice) proofWords(p idp.Proof) string {
	s := v.say(p.Request, longestDetail) + " " + fmt.Sprint(p.Status)
	if p.Says != "" {
		s += " " + v.name(p.Says)
	}
	if !p.At.IsZero() {
		s += " at " + when(p.At)
	}
	if p.RequestID != "" {
		s += " (request " + v.name(p.RequestID) + ")"
	}
	return s
}
