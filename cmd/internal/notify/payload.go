package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"scim-sync/cmd/view"
	"scim-sync/config"
	core "scim-sync/sync"
)

// FormatVersion is the version of the JSON message. It only grows.
const FormatVersion = 1

const (
	// mostEvents are told in one message, and longest is how long the text of each
	// may be: chat programs refuse messages of more than some 28 KiB.
	mostEvents = 20
	longest    = 700
)

// encode gives the body of a message. Nothing that scrub takes out is in it, nor what
// would steer a terminal, a chat program's markup or its mentions.
func encode(m Message, format config.HookFormat, scrub func(string) string) ([]byte, error) {
	safe := func(text string) string { return cut(view.Clean(scrub(text))) }
	if m.Events = append([]Event(nil), m.Events...); len(m.Events) > mostEvents {
		rest := len(m.Events) - mostEvents
		m.Events = append(m.Events[:mostEvents], Event{Event: m.Events[mostEvents].Event, Text: fmt.Sprintf("and %d more: scim-sync plan shows them", rest)})
	}
	for i := range m.Events {
		e := &m.Events[i]
		e.Text, e.Remedy = safe(e.Text), safe(e.Remedy)
	}
	m.Workspace, m.Outcome = safe(m.Workspace), safe(m.Outcome)
	switch format {
	case config.HookSlack:
		return json.Marshal(slack(m))
	case config.HookTeams:
		return json.Marshal(teams(m))
	}
	return json.Marshal(document(m))
}

func cut(text string) string {
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return text
}

type jsonMessage struct {
	FormatVersion int         `json:"format_version"`
	ScimSync      string      `json:"scim_sync"`
	Workspace     string      `json:"workspace"`
	At            time.Time   `json:"at"`
	Run           *jsonRun    `json:"run,omitempty"`
	Text          string      `json:"text"`
	Events        []jsonEvent `json:"events"`
}

type jsonRun struct {
	ID       string `json:"id,omitempty"`
	Command  string `json:"command"`
	ExitCode int    `json:"exit_code"`
	Outcome  string `json:"outcome"`
}

type jsonEvent struct {
	Event  string    `json:"event"`
	Change string    `json:"change,omitempty"`
	Code   string    `json:"code,omitempty"`
	Text   string    `json:"text"`
	Remedy string    `json:"remedy,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Runs   int       `json:"runs,omitempty"`
}

func document(m Message) jsonMessage {
	d := jsonMessage{FormatVersion: FormatVersion, ScimSync: m.Version, Workspace: m.Workspace, At: m.At.UTC().Truncate(time.Second), Text: m.title()}
	if m.Command != "" {
		d.Run = &jsonRun{m.RunID, m.Command, m.ExitCode, m.Outcome}
	}
	for _, e := range m.Events {
		d.Events = append(d.Events, jsonEvent{string(e.Event), string(e.Change), string(e.Code), e.Text, e.Remedy, e.Since, e.Runs})
	}
	return d
}

// title says all in one line.
func (m Message) title() string {
	text := "scim-sync"
	if m.Workspace != "" {
		text += " " + m.Workspace
	}
	var said []string
	counts := map[string]int{}
	for _, e := range m.Events {
		if counts[string(e.Event)]++; counts[string(e.Event)] == 1 {
			said = append(said, string(e.Event))
		}
	}
	for i, word := range said {
		if n := counts[word]; n > 1 {
			said[i] = fmt.Sprintf("%s (%d)", word, n)
		}
	}
	return text + ": " + strings.Join(said, ", ")
}

// lines say an event: what it is, and below it what to do.
func (e Event) lines() []string {
	lead := string(e.Event)
	if e.Code != "" {
		lead += " " + string(e.Code)
	}
	switch e.Change {
	case Lasting:
		lead += " since " + e.lasted()
	case Ended:
		lead = strings.Replace(lead, string(e.Event), "over", 1) + ", begun " + e.lasted()
	}
	lines := []string{lead + ": " + e.Text}
	if e.Remedy != "" {
		lines = append(lines, e.Remedy)
	}
	return lines
}

func (e Event) lasted() string {
	text := e.Since.UTC().Format("2006-01-02 15:04 MST")
	if e.Runs > 0 {
		text += " (" + core.Counted(e.Runs, "run", "runs") + ")"
	}
	return text
}

type slackMessage struct {
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type string    `json:"type"`
	Text slackText `json:"text"`
}

type slackText struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

// slack makes a message for an incoming web hook of Slack
// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). All is
// plain text: a name from Okta mentions nobody and links nowhere.
func slack(m Message) slackMessage {
	// The text of the notification itself is marked up: & < > are escaped
	// (https://docs.slack.dev/messaging/formatting-message-text).
	plain := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	out := slackMessage{Text: plain.Replace(m.title()), Blocks: []slackBlock{{"header", slackText{Type: "plain_text", Text: cutTo(m.title(), 150)}}}}
	for _, e := range m.Events {
		out.Blocks = append(out.Blocks, slackBlock{"section", slackText{Type: "plain_text", Text: cutTo(strings.Join(e.lines(), "\n"), 3000)}})
	}
	return out
}

func cutTo(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string      `json:"$schema"`
	Type    string      `json:"type"`
	Version string      `json:"version"`
	Body    []teamsRich `json:"body"`
}

type teamsRich struct {
	Type    string     `json:"type"`
	Inlines []teamsRun `json:"inlines"`
}

type teamsRun struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
}

// teams makes an adaptive card, as a flow of Teams' Workflows app takes it ("post to a
// channel when a webhook request is received"). RichTextBlock knows no markup, so that
// a name from Okta links nowhere (https://adaptivecards.io/explorer/RichTextBlock.html).
func teams(m Message) teamsMessage {
	line := func(text, weight string) teamsRich {
		return teamsRich{"RichTextBlock", []teamsRun{{"TextRun", text, weight}}}
	}
	body := []teamsRich{line(m.title(), "Bolder")}
	for _, e := range m.Events {
		for _, text := range e.lines() {
			body = append(body, line(text, ""))
		}
	}
	return teamsMessage{"message", []teamsAttachment{{"application/vnd.microsoft.card.adaptive",
		teamsCard{"http://adaptivecards.io/schemas/adaptive-card.json", "AdaptiveCard", "1.4", body}}}}
}
