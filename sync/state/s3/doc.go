// Package s3 keeps a state in a bucket, by conditional PUTs of single objects
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
// Below the prefix of the address lie:
//
//	lock.json                        who holds the lock, and what the journal is made of
//	state.json                       the snapshot
//	journal/SEQ.jsonl                lines from SEQ on, one object a group commit
//	journal/SEQ-LAST-RUN.jsonl       such objects, merged into one at a run's end
//	cache.json                       for the identity provider's cache
//	previous/SERIAL-SEQ.json         snapshots of the last ten runs that changed something
//	state.format-N.bak.json          the snapshot before it was brought to a newer format
//
// Each begins with one line of 512 bytes that says what follows and its
// checksum ([bucket.Head]); after it come the bytes as they are:
//
//	aws s3 cp s3://bucket/prefix/state.json - | tail -n +2
//
// # One writer
//
// lock.json is taken by If-None-Match or If-Match, and each taking of it has a
// greater epoch. Who holds it renews it at a third of its lease. It counts as
// left when it stayed the very same for a whole lease by the observer's own
// clock.
//
// A holder that was thought dead may wake up in the middle of anything, so that
// nothing it can still do may harm who came after it:
//
//   - It can write one object of the journal: that with the seq after its last
//     one, whose name says nothing but the seq. Who takes a lock that was left
//     puts an empty object of that very name first (If-None-Match), and writes
//     its own lines over that (If-Match). Either the old holder's lines came
//     before, and are read; or its write is refused. That name is never deleted
//     but with the whole part.
//   - It can replace state.json: whose ETag the new holder has changed.
//   - It can merge: into a name of its own, with lines that are the same; and it
//     deletes what it merged only after lock.json, written by If-Match, says so.
//   - Anything of lock.json: by If-Match.
package s3
