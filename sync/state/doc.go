// Package state keeps what scim-sync manages: a snapshot of it, and the
// journal of every write from which the snapshot can be made again.
//
// A write is announced in the journal before it is made and completed after;
// both are durable when the call returns. The snapshot is written at most once
// a second and at the end of a run, and names the journal line up to which it
// speaks. What is managed is therefore always the snapshot and the changes of
// the later lines; an intent without an outcome is a write that may or may not
// have happened ([core.Unfinished]).
//
// The first line of each part of the journal but the first holds the state as
// it was there, so that parts before it may be put away ([Pruned]).
//
// A [Store] holds the rules; where the bytes lie is for a [Backend] to know. On
// files, for a snapshot W.json, these lie beside each other:
//
//	W.json               snapshot
//	W.journal.jsonl      journal; W.journal.1.jsonl and so on are older parts
//	W.journal.torn-N     a half written line that a crash left, cut off before line N
//	W.lock               lock, and who holds it
//	W.previous/          snapshots of the last ten runs that changed something
//	W.json.format-N.bak  the snapshot before it was brought to a newer format
//	W.cache.json         for the identity provider's cache; not kept here
//
// Each journal line ends with the SHA-256 of itself without that field, and
// holds the hash of the line before it. To check a line with other tools:
//
//	sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum
package state
