package scim_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"

	"scim-sync/attio/scim"
	"scim-sync/internal/transport"
)

// BenchmarkWorkspace reads 100,000 members and 2,000 teams of 500, from pages that
// were made beforehand: what a plan of a large company reads of Attio.
func BenchmarkWorkspace(b *testing.B) {
	const people, teams, size = 100_000, 2_000, 500
	id := func(i int) string { return fmt.Sprintf("%08x-8d68-51f4-88b4-303b706e5f92", i) }
	user := func(b *bytes.Buffer, i int) {
		fmt.Fprintf(b, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":%q,"userName":"person%06d@acme.example","name":{"givenName":"Person","familyName":"Number %d"},"emails":[{"value":"person%06d@acme.example","primary":true,"type":"work"}],"active":true,"appRole":"member","meta":{"resourceType":"User","created":"2024-01-15T09:04:00.000Z"}}`, id(i), i, i, i)
	}
	team := func(b *bytes.Buffer, i int) {
		fmt.Fprintf(b, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"team-%d","displayName":"Team %04d","members":[`, i, i)
		for k := range size {
			if k > 0 {
				b.WriteByte(',')
			}
			who := id((i*size + k) % people)
			fmt.Fprintf(b, `{"value":%q,"$ref":"/scim/v2/Users/%s"}`, who, who)
		}
		b.WriteString("]}")
	}
	pages := map[string][]byte{"/v2/self": []byte(`{"active":true,"workspace_id":"w","authorized_by_workspace_member_id":"0"}`)}
	list := func(path string, n int, entry func(*bytes.Buffer, int)) {
		for from := 0; from < n; from += 100 {
			var p bytes.Buffer
			fmt.Fprintf(&p, `{"totalResults":%d,"Resources":[`, n)
			for i := range 100 {
				if i > 0 {
					p.WriteByte(',')
				}
				entry(&p, from+i)
			}
			p.WriteString("]}")
			pages[path+strconv.Itoa(from+1)] = p.Bytes()
		}
	}
	list("/scim/v2/Users", people, user)
	list("/scim/v2/Groups", teams, team)
	var joined bytes.Buffer
	joined.WriteString(`{"data":[`)
	for i := range people {
		if i > 0 {
			joined.WriteByte(',')
		}
		fmt.Fprintf(&joined, `{"id":{"workspace_id":"w","workspace_member_id":"rest-%s"},"first_name":"Person","last_name":"Number %d","avatar_url":null,"email_address":"person%06d@acme.example","created_at":"2024-01-15T09:00:00.000000000Z","access_level":"member"}`, id(i), i, i)
	}
	joined.WriteString("]}")
	pages["/v2/workspace_members"] = joined.Bytes()

	r, err := scim.NewReader(scim.Options{APIURL: "https://api.attio.com", SCIMURL: "https://api.attio.com/scim/v2", Token: func(context.Context) (string, error) { return token, nil },
		Transport: transport.New(transport.Options{Hosts: []string{"api.attio.com"}, Base: made(pages)})})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w, err := r.Workspace(b.Context(), nil)
		if err != nil || len(w.Members) != people || len(w.Teams) != teams || w.Teams[7].Members.Len() != size {
			b.Fatal(len(w.Members), len(w.Teams), err)
		}
	}
}

// made serves answers that were made beforehand, by path and place in the list.
type made map[string][]byte

func (m made) RoundTrip(r *http.Request) (*http.Response, error) {
	body := m[r.URL.Path+r.URL.Query().Get("startIndex")]
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}
