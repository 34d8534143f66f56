package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scim-sync/idp"
	"scim-sync/idp/file"
	"scim-sync/internal/idset"
)

// provider is a source that says what it is told to.
type provider struct {
	dir    idp.Directory
	people map[string]idp.Standing
	groups map[string]idp.GroupStanding
	asked  idp.Query
}

func (p *provider) Directory(_ context.Context, q idp.Query) (idp.Directory, error) {
	p.asked = q
	return p.dir, nil
}

func (p *provider) Person(_ context.Context, id string) (idp.Standing, error) {
	st, ok := p.people[id]
	if !ok {
		return st, errors.New("not reached")
	}
	return st, nil
}

func (p *provider) Group(_ context.Context, id string) (idp.GroupStanding, error) {
	return p.groups[id], nil
}

// fill sets every field that there is to a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = time.Date(2026, 1, 2, 3, 4, *n, 5, time.UTC)
		return
	case *idset.Set:
		*at = idset.Of("who"+strconv.Itoa(*n), "else"+strconv.Itoa(*n))
		return
	case *idp.Access:
		*at = idp.Suspended
		return
	case *idp.Tristate:
		*at = idp.No
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text" + strconv.Itoa(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, n)
		}
	}
}

func filled[T any](n int) (v T) {
	fill(reflect.ValueOf(&v).Elem(), &n)
	return v
}

// all asks for every team group.
var all = idp.Query{Teams: idp.AssignedGroups}

// TestSavedDirectoryHoldsAllOfIt: whatever field a directory has, now or later,
// a saved one gives back the same, and the same answers about single people and
// groups.
func TestSavedDirectoryHoldsAllOfIt(t *testing.T) {
	dir := filled[idp.Directory](0)
	dir.Groups[0].Remembered = false
	member := filled[idp.Person](100)
	member.Direct, member.Via = true, idp.GroupRef{} // by name, or by a group
	dir.People[0].Direct = false
	dir.People = append(dir.People, member)
	dir.RoleAttribute = idp.Yes // somebody has a role
	for i := range dir.People {
		dir.People[i].EmailFrom = idp.EmailOrigin(1 + i%3)
	}
	answer := filled[idp.Standing](200)
	answer.Person.Direct, answer.Person.Via, answer.Person.EmailFrom = true, idp.GroupRef{}, idp.EmailUserName
	src := &provider{dir: dir,
		people: map[string]idp.Standing{"gone": {Access: idp.Revoked, Proof: filled[idp.Proof](300)}, answer.Person.ID: answer},
		groups: map[string]idp.GroupStanding{"gone": {Proof: filled[idp.Proof](400)}, "there": filled[idp.GroupStanding](500)},
	}
	r := file.Record(src)
	ctx := t.Context()
	if _, err := r.Directory(ctx, all); err != nil {
		t.Fatal(err)
	}
	if !src.asked.Full {
		t.Error("a cache was trusted: what it remembers is not what was read")
	}
	for id := range src.people {
		if _, err := r.Person(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Person(ctx, "unreachable"); err == nil {
		t.Fatal("an error came back as an answer")
	}
	for id := range src.groups {
		if _, err := r.Group(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "directory.json")
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := r.Save(path, now); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file names people and is open to others: %v, %v", info.Mode(), err)
	}

	saved, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if !saved.Saved() || !saved.At().Equal(now) || saved.Origin() != dir.Origin {
		t.Errorf("saved %v at %v from %+v", saved.Saved(), saved.At(), saved.Origin())
	}
	got, err := saved.Directory(ctx, all)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(dir, got); d != "" {
		t.Errorf("-read +saved:\n%s", d)
	}
	for id, want := range src.people {
		if st, err := saved.Person(ctx, id); err != nil || !cmp.Equal(want, st) {
			t.Errorf("person %s: %v %s", id, err, cmp.Diff(want, st))
		}
	}
	for id, want := range src.groups {
		if st, err := saved.Group(ctx, id); err != nil || !cmp.Equal(want, st) {
			t.Errorf("group %s: %v %s", id, err, cmp.Diff(want, st))
		}
	}
	// Of a group that nobody asked about, a saved directory knows nothing.
	if _, err := saved.Group(ctx, "never"); idp.KindOf(err) != idp.Untrusted {
		t.Errorf("error %v", err)
	}
	// A person in no list is not assigned: the list is the whole one.
	if st, err := saved.Person(ctx, "never"); err != nil || st.Listed || st.Access != idp.Revoked || st.Proof.Request != "directory.json" {
		t.Errorf("%+v, %v", st, err)
	}

	// However it is cut, it is no directory.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) - 2 {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Open(path); err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}

func TestNothingReadIsNothingToSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "directory.json")
	if err := file.Record(&provider{}).Save(path, time.Now()); err == nil {
		t.Error("a file was written")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
