package run

import (
	"context"
	"slices"

	"scim-sync/cmd/internal/cli"
	"scim-sync/cmd/internal/notify"
	core "scim-sync/sync"
	"scim-sync/sync/state"
)

// hooks are the web hooks of a process, which are told each trouble once.
type hooks struct {
	*cli.Program
	memory
	// quiet keeps what could not be delivered for the end of the run, which tells it
	// as it does other troubles.
	quiet bool
	deliveries
}

// begin begins what is told of one run.
func (h *hooks) begin(s *cli.Settings) {
	h.deliveries = deliveries{there: map[string]bool{}, asked: map[string]bool{}}
	for _, name := range h.Sender(s).Names() {
		h.there[key(undelivered, name)] = true
	}
}

// note notes what hooks were told.
func (h *hooks) note(told []core.ToldTrouble, managed core.Managed, learn func(core.Change) error) {
	h.keep(told, managed.Notified)
	if slices.Equal(managed.Notified, told) || managed.WorkspaceID == "" {
		return
	}
	if err := learn(core.Change{Notified: &core.ToldList{List: told}}); err != nil {
		h.complain(err)
		return
	}
	h.memory = memory{}
}

// send tells hooks, and says whether all that wanted to hear of it may count as told:
// where nobody could be reached, the next run tries again.
func (h *hooks) send(ctx context.Context, s *cli.Settings, store *state.Store, message notify.Message, news core.Tidings, more []notify.Event) bool {
	runs := map[string]int{}
	if store != nil && news.Some() {
		var err error
		if runs, err = runsOf(ctx, store, news); err != nil {
			h.complain(err)
		}
	}
	message.Events = append(notify.Troubles(news, runs), more...)
	results := h.Sender(s).Send(ctx, message)
	for _, x := range results {
		id := key(undelivered, x.Name)
		h.asked[id] = true
		if x.Err != nil {
			text := x.Name + " was not told: " + x.Err.Error()
			h.failed = append(h.failed, core.Trouble{Key: id, Lead: undelivered, Text: text})
			if !h.quiet {
				h.Warn(text)
			}
		}
	}
	return len(h.failed) == 0 || len(h.failed) < len(results)
}

func (h *hooks) complain(err error) {
	if err != nil {
		h.Warn("What web hooks were told could not be noted: " + err.Error())
	}
}
