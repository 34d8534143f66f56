package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/atomicfile"
)

// Recorder is a source that keeps what another one says, so that it can be
// saved: the directory, and the answers about single people and groups. A plan
// from the saved file then has the same answers to its questions.
type Recorder struct {
	src idp.Source

	mu     sync.Mutex
	read   bool
	dir    idp.Directory
	people map[string]idp.Standing
	groups map[string]idp.GroupStanding
}

var _ idp.Source = (*Recorder)(nil)

// Record keeps what src says from now on.
func Record(src idp.Source) *Recorder {
	return &Recorder{src: src, people: map[string]idp.Standing{}, groups: map[string]idp.GroupStanding{}}
}

// Directory implements [idp.Source]. It trusts no cache: what is remembered is
// not what was read.
func (r *Recorder) Directory(ctx context.Context, q idp.Query) (idp.Directory, error) {
	q.Full = true
	dir, err := r.src.Directory(ctx, q)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.dir, r.read = dir, true
	}
	return dir, err
}

// Person implements [idp.Source].
func (r *Recorder) Person(ctx context.Context, id string) (idp.Standing, error) {
	return recorded(ctx, r, r.people, id, r.src.Person)
}

// Group implements [idp.Source].
func (r *Recorder) Group(ctx context.Context, id string) (idp.GroupStanding, error) {
	return recorded(ctx, r, r.groups, id, r.src.Group)
}

func recorded[T any](ctx context.Context, r *Recorder, in map[string]T, id string, ask func(context.Context, string) (T, error)) (T, error) {
	answer, err := ask(ctx, id)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		in[id] = answer
	}
	return answer, err
}

// Save writes what was read, as of now, into a file of the owner's alone. The
// file is there whole or not at all.
func (r *Recorder) Save(path string, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.read {
		return errors.New("save the directory: nothing was read")
	}
	var w writer
	r.write(&w, now)
	if w.err != nil {
		return fmt.Errorf("save the directory: %w", w.err)
	}
	if err := atomicfile.Write(path, w.out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("save the directory: %w", err)
	}
	return nil
}

func (r *Recorder) write(w *writer, now time.Time) {
	o := r.dir.Origin
	w.field("format", format)
	w.field("format_version", formatVersion)
	w.field("at", now.UTC().Format(time.RFC3339Nano))
	w.field("origin", originDoc{o.Name, o.OrgURL, o.AppID, o.AppLabel})
	w.field("role_attribute", tristateWord(r.dir.RoleAttribute))
	w.field("email_attribute", tristateWord(r.dir.EmailAttribute))
	w.field("sight", sightOf(r.dir.Sight))
	known := make(map[string]bool, len(r.dir.People))
	held := completeDoc{People: len(r.dir.People), Groups: len(r.dir.Groups)}
	list(w, "people", r.dir.People, func(p idp.Person) personDoc {
		known[p.ID] = true
		return docOf(p)
	})
	others := map[string]bool{}
	list(w, "groups", r.dir.Groups, func(g idp.Group) groupDoc {
		ids := g.Members.IDs()
		held.Memberships += len(ids)
		for _, id := range ids {
			if !known[id] {
				others[id] = true
			}
		}
		return groupDoc{refDoc: refOf(g.GroupRef), Team: &g.Team, Unsure: g.Unsure, Members: append([]string{}, ids...)}
	})
	list(w, "unassigned", sortedKeys(others), func(id string) string { return id })
	list(w, "notes", r.dir.Notes, func(n idp.Note) noteDoc { return noteDoc(n) })
	list(w, "asked_people", sortedKeys(r.people), func(id string) askedDoc {
		st := r.people[id]
		d := askedDoc{ID: id, Access: st.Access.String(), Proof: st.Proof}
		if st.Listed {
			d.Person = new(docOf(st.Person))
		}
		return d
	})
	list(w, "asked_groups", sortedKeys(r.groups), func(id string) askedDoc {
		st := r.groups[id]
		d := askedDoc{ID: id, Proof: st.Proof}
		if st.Exists {
			d.Group = new(refOf(st.Group))
		}
		return d
	})
	w.field("complete", held)
	w.out.WriteString("\n}\n")
}

// writer writes a document with an entry a line.
type writer struct {
	out bytes.Buffer
	err error
}

func (w *writer) key(name string) {
	if w.out.Len() == 0 {
		w.out.WriteString("{\n")
	} else {
		w.out.WriteString(",\n")
	}
	fmt.Fprintf(&w.out, "%q: ", name)
}

func (w *writer) field(name string, value any) {
	w.key(name)
	w.value(value)
}

func (w *writer) value(v any) {
	enc := json.NewEncoder(&w.out)
	enc.SetEscapeHTML(false)
	w.err = errors.Join(w.err, enc.Encode(v))
	w.out.Truncate(max(0, w.out.Len()-1)) // the newline
}

func list[T, D any](w *writer, name string, entries []T, doc func(T) D) {
	w.key(name)
	w.out.WriteString("[")
	for i, e := range entries {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.out.WriteByte('\n')
		w.value(doc(e))
	}
	w.out.WriteString("\n]")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func sightOf(s idp.Sight) sightDoc {
	doc := sightDoc{Everyone: tristateWord(s.Everyone)}
	if s.Shown.ID != "" {
		shown := refOf(s.Shown)
		doc.Shown = &shown
	}
	for _, g := range s.Hidden {
		doc.Hidden = append(doc.Hidden, refOf(g))
	}
	return doc
}
