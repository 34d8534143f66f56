// Package attiotest is a small Attio over HTTP, for tests and for the sandbox:
// SCIM 2.0 under /scim/v2, the REST endpoints that matter under /v2, the OAuth
// sign-in and consent pages at /authorize, the token and introspection
// endpoints under /oauth, pages to accept an invite, an outbox in place of
// email, and an overview at /sandbox where changes can be made by hand.
//
// It follows what Attio documents (https://docs.attio.com/rest-api/scim,
// https://docs.attio.com/docs/oauth/authorize, https://attio.com/apps/okta,
// https://docs.attio.com/rest-api/guides/rate-limiting). Where Attio's pages
// are silent, a guess is made, and every such guess is a field of [Behaviour],
// so that a test can turn it the other way.
//
// A [Server] is an http.Handler. It starts no goroutine and never looks at the
// real time when [WithClock] is given; it carries 100,000 members with
// 1,000,000 team memberships.
package attiotest
