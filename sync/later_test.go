package sync

import (
	"reflect"
	"testing"
	"time"
)

// TestNoKeptDateStaysInTheFuture looks at every date that state can hold, those
// of fields to come as well: each is moved, and what was given stays.
func TestNoKeptDateStaysInTheFuture(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := now.Add(1000 * time.Hour)
	full := func() Managed {
		var m Managed
		fill(reflect.ValueOf(&m).Elem(), later)
		person, team := ManagedPerson{}, ManagedTeam{}
		fill(reflect.ValueOf(&person).Elem(), later)
		fill(reflect.ValueOf(&team).Elem(), later)
		m.People, m.Teams = map[string]ManagedPerson{"u1": person}, map[string]ManagedTeam{"g1": team}
		return m
	}
	given := full()
	got, found := given.NoLaterThan(now)
	if !found {
		t.Fatal("nothing was found in the future")
	}
	for i := range got.PlansApplied {
		got.PlansApplied[i].CreatedAt = now // a plan is known by it
	}
	if n := datesAfter(reflect.ValueOf(got), now, t, "Managed"); n > 0 {
		t.Errorf("%d dates are still in the future", n)
	}
	if !reflect.DeepEqual(given, full()) {
		t.Error("what was given has changed")
	}
	if _, again := got.NoLaterThan(now); again {
		t.Error("a second time finds dates again")
	}
}

// fill puts a date into every field that is one, and one element into every list
// and map.
func fill(v reflect.Value, at time.Time) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(at))
			return
		}
		for _, f := range v.Fields() {
			if f.CanSet() {
				fill(f, at)
			}
		}
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*ManagedTeam]() {
			return // a team's former tie is a team
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), at)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), at)
	case reflect.Map:
		key, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(e, at)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, e)
	default:
	}
}

// datesAfter counts the dates that lie after now, and names them.
func datesAfter(v reflect.Value, now time.Time, t *testing.T, where string) (n int) {
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := reflect.TypeAssert[time.Time](v); ok {
			if at.After(now) {
				t.Log(where)
				return 1
			}
			return 0
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += datesAfter(v.Field(i), now, t, where+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			n = datesAfter(v.Elem(), now, t, where)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += datesAfter(v.Index(i), now, t, where)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			n += datesAfter(v.MapIndex(k), now, t, where)
		}
	default:
	}
	return n
}
