package okta

import (
	"context"
	"fmt"
	"time"

	"scim-sync/idp"
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
