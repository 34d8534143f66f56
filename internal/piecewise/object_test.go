package piecewise_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"

	"scim-sync/internal/piecewise"
	"scim-sync/internal/sample"
)

type entry struct {
	Name string   `json:"name"`
	Tags []string `json:"tags,omitempty"`
}

// TestAnObjectIsWhatEncodingJSONWrites, whatever its fields and lists hold.
func TestAnObjectIsWhatEncodingJSONWrites(t *testing.T) {
	type head struct {
		A string `json:"a,omitempty"`
		B int    `json:"b,omitempty"`
	}
	type document struct {
		head
		List []entry  `json:"list"`
		More []string `json:"more"`
		C    *entry   `json:"c,omitempty"`
		D    head     `json:"d"`
	}
	sample.Check(t, func(t *rapid.T) {
		d := rapid.Make[document]().Draw(t, "document")
		d.A, d.B = rapid.String().Draw(t, "a"), rapid.Int().Draw(t, "b")
		escape := rapid.Bool().Draw(t, "escape HTML")
		var want, got bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(escape)
		if err := enc.Encode(d); err != nil {
			t.Fatal(err)
		}
		o := piecewise.NewObject(&got, escape)
		o.Fields(d.head)
		piecewise.List(o, "list", d.List)
		piecewise.List(o, "more", d.More)
		o.Fields(struct {
			C *entry `json:"c,omitempty"`
		}{d.C})
		o.Object("d", func(w io.Writer) error {
			inner := piecewise.NewObject(w, escape)
			inner.Fields(d.D)
			return inner.End()
		})
		if err := o.End(); err != nil || got.String()+"\n" != want.String() {
			t.Fatalf("%v\n%s\n%s", err, got.String(), want.String())
		}
	})
}

func TestAnObjectOfNothingIsEmpty(t *testing.T) {
	var got bytes.Buffer
	o := piecewise.NewObject(&got, false)
	o.Fields(struct{}{})
	if err := o.End(); err != nil || got.String() != "{}" {
		t.Errorf("%q, %v", got.String(), err)
	}
}

// full takes a few writes and no more.
type full struct{ left, asked int }

var errFull = errors.New("full")

func (f *full) Write(b []byte) (int, error) {
	f.asked++
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestNothingIsWrittenAfterAnError(t *testing.T) {
	w := &full{left: 2}
	o := piecewise.NewObject(w, false)
	o.Fields(entry{Name: "a"})
	piecewise.List(o, "list", make([]entry, 100))
	piecewise.List(o, "more", make([]entry, 100))
	o.Fields(entry{Name: "b"})
	if err := o.End(); !errors.Is(err, errFull) || w.asked != 3 {
		t.Errorf("%v after %d writes", err, w.asked)
	}
	o = piecewise.NewObject(&bytes.Buffer{}, false)
	piecewise.List(o, "list", []any{make(chan int)})
	if err := o.End(); err == nil {
		t.Error("a channel was encoded")
	}
}
