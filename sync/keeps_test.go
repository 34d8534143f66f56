package sync

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// TestEachFieldIsKeptAlone: what state and journal hold comes back from JSON,
// also where one field alone is set: a value that is left out when it is empty
// must not take the rest of its document along.
func TestEachFieldIsKeptAlone(t *testing.T) {
	keptAlone[ManagedPerson](t)
	keptAlone[ManagedTeam](t)
	keptAlone[Removal](t)
	keptAlone[Repair](t)
	keptAlone[Latch](t)
	keptAlone[AppliedPlan](t)
	keptAlone[Step](t)
}

func keptAlone[T any](t *testing.T) {
	t.Helper()
	leaves(reflect.TypeFor[T](), reflect.TypeFor[T]().Name(), func(path string, set func(reflect.Value)) {
		var given, got T
		set(reflect.ValueOf(&given).Elem())
		b, err := json.Marshal(given)
		if err == nil {
			err = json.Unmarshal(b, &got)
		}
		if err != nil || !reflect.DeepEqual(given, got) {
			t.Errorf("%s alone is lost (%v) in %s", path, err, b)
		}
	})
}

// leaves gives every field of a type that holds no others, with what sets it.
func leaves(typ reflect.Type, path string, visit func(path string, set func(reflect.Value))) {
	down := func(typ reflect.Type, name string, to func(reflect.Value) reflect.Value) {
		leaves(typ, path+name, func(path string, set func(reflect.Value)) {
			visit(path, func(v reflect.Value) { set(to(v)) })
		})
	}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		visit(path, func(v reflect.Value) { v.Set(reflect.ValueOf(time.Unix(1, 0).UTC())) })
	case typ == reflect.TypeFor[MemberSet]() || typ == reflect.TypeFor[*ManagedTeam]():
		// The one has a form of its own, the other is a team again.
	case typ.Kind() == reflect.Struct:
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				down(f.Type, "."+f.Name, func(v reflect.Value) reflect.Value { return v.Field(i) })
			}
		}
	case typ.Kind() == reflect.Pointer:
		down(typ.Elem(), "", func(v reflect.Value) reflect.Value {
			v.Set(reflect.New(typ.Elem()))
			return v.Elem()
		})
	case typ.Kind() == reflect.Slice:
		down(typ.Elem(), "[0]", func(v reflect.Value) reflect.Value {
			v.Set(reflect.MakeSlice(typ, 1, 1))
			return v.Index(0)
		})
	case typ.Kind() == reflect.String:
		visit(path, func(v reflect.Value) { v.SetString("x") })
	case typ.Kind() == reflect.Bool:
		visit(path, func(v reflect.Value) { v.SetBool(true) })
	case typ.Kind() == reflect.Int:
		visit(path, func(v reflect.Value) { v.SetInt(1) })
	}
}
