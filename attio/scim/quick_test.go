package scim

import (
	"reflect"
	"testing"

	"scim-sync/internal/idset"
)

// asAttioWrites are entries in the form in which Attio's pages show them.
func asAttioWrites() map[string]string {
	return map[string]string{
		"user": `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1eaea868-8d68-51f4-88b4-303b706e5f92","userName":"zoë@acme.example","name":{"givenName":"Zoë","familyName":"Number 3"},
"emails":[{"value":"zoë@acme.example","primary":true,"type":"work"}],"active":true,"appRole":"member","meta":{"resourceType":"User","created":"2024-01-15T09:04:00.000Z"}}`,
		"group":  `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"910a24d8","displayName":"Team 0004","members":[{"value":"fa551798","$ref":"/scim/v2/Users/fa551798"},{"value":"19787cea"}],"meta":{"resourceType":"Group"}}`,
		"joined": `{"id":{"workspace_id":"0aecfdce","workspace_member_id":"2d5898e9"},"first_name":"The","last_name":null,"avatar_url":null,"email_address":"owner@acme.example","created_at":"2024-01-15T09:00:00.000000000Z","access_level":"admin"}`,
	}
}

// TestWhatAttioWritesIsReadInOnePass: else a large workspace would be read at several
// times the cost, and nobody would see it.
func TestWhatAttioWritesIsReadInOnePass(t *testing.T) {
	left := fullBudget
	shown := asAttioWrites()
	if m, ok := quickMember([]byte(shown["user"]), nil); !ok || m.GivenName != "Zoë" {
		t.Errorf("a user: %v, %+v", ok, m)
	}
	if team, whole, ok := quickTeam([]byte(shown["group"]), idset.NewDictionary(), &left); !ok || !whole || team.Members.Len() != 2 || left != fullBudget-2 {
		t.Errorf("a group: %v, %+v, %d left", ok, team, fullBudget-left)
	}
	if w, ok := quickJoined([]byte(shown["joined"])); !ok || w.First != "The" || w.Last != "" || w.Access != "admin" {
		t.Errorf("one who has joined: %v, %+v", ok, w)
	}
}

// FuzzQuick: what is read in one pass comes out as it does piece by piece, and
// nothing that those refuse gets by.
func FuzzQuick(f *testing.F) {
	for _, s := range asAttioWrites() {
		f.Add([]byte(s))
	}
	for _, s := range []string{
		`{"id":"1","userName":" a@b.c ","appRole":"Admin","active":false,"Id":"2"}`, `{"id":"1","userName":"a","appRole":"member","active":"False"}`,
		`{"id":"1","id":"2","userName":"a","appRole":"x","name":null}`, `{"id":"\u0031","userName":"a","appRole":"admin","name":{"givenname":"A"}}`,
		`{"id":".","displayName":"a","members":[]}`, `{"id":"1","displayName":null,"members":null}`, `{"id":"1","displayName":"a","members":[null]}`,
		`{"id":"1","displayName":"a","members":[{"value":"2","Value":"3"}]}`, `{"id":"1","displayName":"a","members":[{"value":"2"},{"value":""}]}`,
		`{"id":"1","displayName":"a","member\u0073":[{"value":"2"}],"x":[1,{"y":tru}]}`, `{"id":"1","di\u017fplayName":"a"}`, `{"id":"1","diſplayName":"a"} `,
		`{"id":{"workspace_member_id":"1"},"email_address":"a","ACCESS_LEVEL":"member"}`, `{"id":null,"email_address":7}`, "{\"id\":\"\xff\",\"userName\":\"\xff\",\"appRole\":\"admin\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := idset.NewDictionary()
		if m, ok := quickMember(raw, in); ok {
			if want, err := readMember(raw); err != nil || m != want {
				t.Errorf("%q is %+v, want %+v, %v", raw, m, want, err)
			}
		}
		left, leftWanted := budget(3), budget(3)
		if team, whole, ok := quickTeam(raw, in, &left); ok {
			want, wantWhole, err := readTeam(raw, in, &leftWanted)
			if err != nil || team.ID != want.ID || team.Name != want.Name || whole != wantWhole || !team.Members.Equal(want.Members) || left != leftWanted {
				t.Errorf("%q is %+v, want %+v, %v; %d and %d left", raw, team, want, err, left, leftWanted)
			}
		}
		if w, ok := quickJoined(raw); ok {
			if want, err := readRestSlowly(raw); err != nil || !reflect.DeepEqual(w, want) {
				t.Errorf("%q is %+v, want %+v, %v", raw, w, want, err)
			}
		}
	})
}
