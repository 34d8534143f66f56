package s3

import (
	"context"
	"fmt"

	"scim-sync/sync/state/s3/bucket"
)

// Snapshot gives the present snapshot, nil when there is none. None, or an older
// one than lock.json knows of, is asked for again for a while.
func (b *reader) Snapshot(ctx context.Context) ([]byte, error) {
	o, err := b.at.Read(ctx, stateName)
	if err != nil {
		return nil, err
	}
	own := b.held()
	known := uint64(0)
	switch {
	case own != nil:
		known = own.serialKnown()
	case o == nil:
		lock, err := b.at.Read(ctx, lockName)
		if err != nil {
			return nil, err
		}
		if lock != nil {
			known = lock.Serial
		}
	}
	if o == nil && known > 0 || o != nil && o.Serial < known {
		if o, err = b.at.Insist(ctx, stateName, func(o *bucket.Object) bool { return o != nil && o.Serial >= known }); err != nil {
			return nil, err
		}
	}
	if o == nil && known > 0 {
		return nil, b.at.Broken(stateName, fmt.Sprintf("it is not there, though one with serial %d was written", known))
	}
	if o != nil && o.Serial < known {
		// The journal holds all that came after it.
		b.log.Warn("the state is older than the one that was written last, as after a restore from a backup; what came after it is read from the journal",
			"place", b.at.Place(stateName), "serial", o.Serial, "last", known)
	}
	if own != nil {
		own.saw(o)
	}
	if o == nil {
		return nil, nil
	}
	return o.Content, nil
}
