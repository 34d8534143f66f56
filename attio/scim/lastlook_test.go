package scim_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"scim-sync/attio"
	"scim-sync/internal/transport"
)

// TestAWriteLooksOnceMoreBeforeItLeaves: what says no at the last moment keeps
// the write from leaving and is what it fails with; reads ask nobody.
func TestAWriteLooksOnceMoreBeforeItLeaves(t *testing.T) {
	o := newOdd(t)
	o.on("GET /scim/v2/Users/u1", says(200, user("u1", "ada@acme.com", true)))
	server := httptest.NewServer(o)
	defer server.Close()
	r, w := clientOver(t, server.URL, transport.New(transport.Options{Side: "attio", Hosts: []string{server.Listener.Addr().String()}}))
	changed := errors.New("it has changed")
	ctx := attio.WithLastLook(t.Context(), func(context.Context) error { return changed })
	_, err := w.Suspend(ctx, "u1")
	if e, ok := errors.AsType[*attio.Error](err); !ok || !e.Unsent || !errors.Is(err, changed) || o.count("PATCH /scim/v2/Users/u1") != 0 {
		t.Errorf("%v after %d writes", err, o.count("PATCH /scim/v2/Users/u1"))
	}
	if _, err := r.Member(ctx, "u1"); err != nil {
		t.Error(err)
	}
}

// TestWhoHasNoRightAnyMoreAsksNothing: neither a reading nor what is read back
// leaves once the right to ask has ended, and the reader itself goes on.
func TestWhoHasNoRightAnyMoreAsksNothing(t *testing.T) {
	o := newOdd(t)
	o.on("GET /scim/v2/Users/u1", says(200, user("u1", "ada@acme.com", true)))
	server := httptest.NewServer(o)
	defer server.Close()
	r, _ := clientOver(t, server.URL, transport.New(transport.Options{Side: "attio", Hosts: []string{server.Listener.Addr().String()}}))
	var ended error
	its := r.While(func() error { return ended })
	if _, err := its.Member(t.Context(), "u1"); err != nil {
		t.Fatal(err)
	}
	ended = errors.New("the lock is lost")
	before := o.count("GET /scim/v2/Users/u1")
	if _, err := its.Member(t.Context(), "u1"); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
	if n := o.count("GET /scim/v2/Users/u1") - before; n != 0 {
		t.Errorf("%d requests left", n)
	}
	if _, err := r.Member(t.Context(), "u1"); err != nil {
		t.Error(err)
	}
}
