package okta

import (
	"context"
	"fmt"
	"time"

	"scim-sync/idp"
	"scim-sync/internal/group"
)

// inactiveHint is what to do about an app that is switched off.
const inactiveHint = "An app that is switched off loses its assignments, so nothing can be concluded from them. Activate it in Okta, wait until the assignments are back, and run again."

// App implements [idp.AppChecker]: GET /api/v1/apps/{id}.
func (s *Source) App(ctx context.Context) (idp.AppStanding, error) {
	app, got, err := s.readApp(ctx)
	if err != nil {
		return idp.AppStanding{}, err
	}
	return idp.AppStanding{
		Active: app.active(), Status: plain(app.Status), Label: app.Label,
		Proof: idp.Proof{Request: "GET " + s.appPath(), Status: got.status, Says: plain(app.Status), At: got.at, RequestID: got.requestID},
	}, nil
}

func (a wireApp) active() bool { return a.Status == "ACTIVE" }

func (s *Source) appTask() task {
	return task{op: "read the app", path: s.appPath(), need: appsNeed}
}

func (s *Source) readApp(ctx context.Context) (app wireApp, got reply, err error) {
	t := s.appTask()
	got, err = s.get(ctx, t.path, &app)
	if err == nil {
		err = sameThing(badID(app.ID), app.ID, s.appID, got)
	}
	if err == nil && app.Status == "" {
		err = &refusal{status: got.status, why: "the app has no status"}
	}
	if err != nil {
		return wireApp{}, got, s.fail(ctx, t, err)
	}
	return app, got, nil
}

// activeApp reads the app and makes sure that its assignments mean something:
// switching an app off makes Okta take back what groups had assigned, and the
// list is empty then although every answer is a good one. now is Okta's clock,
// zero when it sent none.
func (s *Source) activeApp(ctx context.Context) (app wireApp, now time.Time, err error) {
	app, got, err := s.readApp(ctx)
	if err != nil {
		return wireApp{}, now, err
	}
	if !app.active() {
		return wireApp{}, now, &idp.Error{
			Kind: idp.AppInactive, Op: s.appTask().op, Subject: appSetting + " " + s.appID, Status: got.status, RequestID: got.requestID,
			Detail: fmt.Sprintf("the app %q is %s", plain(app.Label), plain(app.Status)),
			Hint:   inactiveHint,
		}
	}
	return app, got.date, nil
}

// askedApp is the app's answer, which is under way while lists are read.
type askedApp struct {
	wireApp
	now  time.Time // Okta's clock, zero when it sent none
	err  error
	done chan struct{} // closed once it is there
}

// askApp asks for the app beside the lists, which end where it must not be
// believed. Their failures do not end it: what it says goes first.
func (s *Source) askApp(ctx context.Context, lists *group.Group) *askedApp {
	a := &askedApp{done: make(chan struct{})}
	asking := group.New()
	asking.Go(func() (err error) {
		a.wireApp, a.now, err = s.activeApp(ctx)
		return err
	})
	lists.Go(func() error {
		defer close(a.done)
		a.err = asking.Wait()
		return a.err
	})
	return a
}

// wait gives Okta's clock once the app's answer is there, or why nothing may be
// concluded from the lists.
func (a *askedApp) wait(ctx context.Context) (now time.Time, err error) {
	select {
	case <-a.done:
		return a.now, a.err
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}
