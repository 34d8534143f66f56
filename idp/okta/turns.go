package okta

import (
	"context"
	"sync"

	"scim-sync/idp"
)

// turns say which of two lists begins: people and the app's groups count
// against one limit, of which the first request goes alone, for its answer
// tells how much there is. Which of the two waits for it is so decided here: the
// shorter way. With a cache that is people's, as few groups are read.
type turns struct{ people, groups *turn }

// turn is passed on by the first page of the other list.
type turn struct {
	once sync.Once
	come chan struct{}
}

func turnsOf(q idp.Query, cached bool) turns {
	t := turns{&turn{come: make(chan struct{})}, &turn{come: make(chan struct{})}}
	shared := q.Teams == idp.AssignedGroups || q.Teams == idp.PushMappings
	if cached || !shared {
		t.people.pass()
	}
	if !cached || !shared {
		t.groups.pass()
	}
	return t
}

func (t *turn) pass() { t.once.Do(func() { close(t.come) }) }

func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.come:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
