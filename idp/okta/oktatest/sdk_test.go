package oktatest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"

	"scim-sync/idp/okta/oktatest"
)

func sdk(t *testing.T, o *org, more ...okta.ConfigSetter) *okta.Client {
	t.Helper()
	set := append([]okta.ConfigSetter{
		okta.WithOrgUrl(o.url), okta.WithTestingDisableHttpsCheck(true), okta.WithCache(false), okta.WithAuthorizationMode("SSWS"),
		okta.WithToken(token), okta.WithRateLimitMaxRetries(-1),
	}, more...)
	_, c, err := okta.NewClient(t.Context(), set...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readAll follows the SDK's pages.
func readAll[T any](t *testing.T, page []T, resp *okta.Response, err error) []T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	all := page
	for resp.HasNextPage() {
		var fresh []T
		if resp, err = resp.Next(t.Context(), &fresh); err != nil {
			t.Fatal(err)
		}
		all = append(all, fresh...)
	}
	return all
}

func TestTheSDKReadsTheWholeOrg(t *testing.T) {
	o := start(t, crowd(45))
	c := sdk(t, o)
	ctx := t.Context()
	a, _, err := c.Application.GetApplication(ctx, o.AppID(), okta.NewApplication(), nil)
	if err != nil || a.(*okta.Application).Status != "ACTIVE" || a.(*okta.Application).Label != "Attio" {
		t.Fatalf("app %+v, error %v", a, err)
	}
	people, resp, err := c.Application.ListApplicationUsers(ctx, o.AppID(), query.NewQueryParams(query.WithLimit(20), query.WithExpand("user")))
	users := readAll(t, people, resp, err)
	for _, u := range users {
		if u.Scope != "GROUP" || u.Profile.(map[string]any)["email"] != u.Credentials.UserName || u.Embedded.(map[string]any)["user"] == nil || u.LastUpdated == nil {
			t.Fatalf("app user %+v", u)
		}
	}
	grants, resp, err := c.Application.ListApplicationGroupAssignments(ctx, o.AppID(), query.NewQueryParams(query.WithLimit(20)))
	assigned := readAll(t, grants, resp, err)
	groups, resp, err := c.Group.ListGroups(ctx, query.NewQueryParams(query.WithLimit(20), query.WithFilter(`type eq "OKTA_GROUP"`)))
	all := readAll(t, groups, resp, err)
	id, err := o.GroupID("All")
	if err != nil {
		t.Fatal(err)
	}
	page, resp, err := c.Group.ListGroupUsers(ctx, id, query.NewQueryParams(query.WithLimit(20)))
	members := readAll(t, page, resp, err)
	if d := cmp.Diff([]int{45, 46, 46, 45}, []int{len(users), len(assigned), len(all), len(members)}); d != "" {
		t.Errorf("people, assigned groups, groups, members: %s", d)
	}
}

func TestTheSDKSeesErrorsAsItsOwn(t *testing.T) {
	o := start(t, acme())
	_, _, err := sdk(t, o).Group.GetGroup(t.Context(), "00gNONE")
	var e *okta.Error
	if !errors.As(err, &e) || e.ErrorCode != "E0000007" {
		t.Errorf("error %v, want E0000007", err)
	}
}

func TestTheSDKSignsInAsAServiceAppWithoutDPoP(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	in := acme()
	in.ServiceApps = []oktatest.ServiceApp{{ClientID: "0oaservice", KeyID: "k1", PublicKey: publicPEM(t, &key.PublicKey), Scopes: []string{"okta.groups.read"}}}
	o := start(t, in)
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	c := sdk(t, o, okta.WithAuthorizationMode("PrivateKey"), okta.WithClientId("0oaservice"), okta.WithPrivateKey(private),
		okta.WithPrivateKeyId("k1"), okta.WithScopes([]string{"okta.groups.read"}))
	groups, _, err := c.Group.ListGroups(t.Context(), nil)
	if err != nil || len(groups) != 5 { // three of its own and two targets of pushes
		t.Fatalf("%d groups, error %v", len(groups), err)
	}
	if _, _, err = c.User.ListUsers(t.Context(), nil); err == nil {
		t.Error("a scope that was not asked for must not be there")
	}
}

func publicPEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
