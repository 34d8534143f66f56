package attiotest

import "time"

// Mail is an email in the outbox. Nothing is ever sent.
type Mail struct {
	N       int       `json:"n"` // from 1
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Kind    MailKind  `json:"kind"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Link    string    `json:"link,omitempty"` // of an invite
}

// MailKind sorts emails.
type MailKind string

// The kinds of email that adding someone sends (https://attio.com/apps/okta).
const (
	MailAdded   MailKind = "added"
	MailWelcome MailKind = "welcome"
	MailInvite  MailKind = "invite"
)

func (w *world) mail(m Mail) {
	m.N, m.At = len(w.outbox)+1, w.now()
	w.outbox = append(w.outbox, m)
}
