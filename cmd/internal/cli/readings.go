package cli

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"scim-sync/idp"
)

// Readings are those of Okta that runs of several workspaces share: where org, app
// and what is asked are the same, it is asked once. What is to be taken away is
// proved for each run by itself all the same.
type Readings struct {
	mu   sync.Mutex
	list []sharedReading
}

type sharedReading struct {
	key string
	at  time.Duration // by the clock that nobody sets, when it began
	dir idp.Directory
}

// sharedFor is how long a reading may be shared: well below the age at which what it
// says is asked for again.
const sharedFor = time.Minute

// Of gives the source with what was read before at the same place, where there is such
// a reading. elapsed is the clock that nobody sets; began is set to when that reading
// began.
func (r *Readings) Of(source idp.Source, place any, elapsed func() time.Duration, began *time.Duration) idp.Source {
	if r == nil {
		return source
	}
	return &sharingSource{Source: source, readings: r, elapsed: elapsed, began: began, place: place}
}

type sharingSource struct {
	idp.Source
	readings *Readings
	elapsed  func() time.Duration
	began    *time.Duration
	place    any
}

// Directory implements [idp.Source].
func (x *sharingSource) Directory(ctx context.Context, q idp.Query) (idp.Directory, error) {
	key := x.key(q)
	x.readings.mu.Lock()
	defer x.readings.mu.Unlock()
	now := x.elapsed()
	x.readings.list = slices.DeleteFunc(x.readings.list, func(r sharedReading) bool { return now-r.at >= sharedFor })
	if i := slices.IndexFunc(x.readings.list, func(r sharedReading) bool { return r.key == key }); i >= 0 {
		*x.began = x.readings.list[i].at
		return ownCopy(x.readings.list[i].dir), nil
	}
	dir, err := x.Source.Directory(ctx, q)
	if err == nil {
		x.readings.list = append(x.readings.list, sharedReading{key, now, ownCopy(dir)})
	}
	return dir, err
}

// key names a query. Two that have the same one get the same answer.
func (x *sharingSource) key(q idp.Query) string {
	text, err := json.Marshal([]any{x.place, q.Teams, q.Listed, q.AdminGroups, q.Full, q.Seen})
	if err != nil {
		return "" // names, flags and ids always encode
	}
	return string(text)
}

// ownCopy is a directory whose lists may be put into another order.
func ownCopy(d idp.Directory) idp.Directory {
	d.People, d.Groups, d.Notes = slices.Clone(d.People), slices.Clone(d.Groups), slices.Clone(d.Notes)
	return d
}
