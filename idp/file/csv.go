package file

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"scim-sync/idp"
)

// The files of a folder. complete.csv is written last: it says how much the
// others hold, and where and when they come from.
const (
	peopleCSV      = "people.csv"
	groupsCSV      = "groups.csv"
	membershipsCSV = "memberships.csv"
	completeCSV    = "complete.csv"
)

// openCSV reads a folder of CSV files.
func openCSV(folder string) (*Source, error) {
	f := folderReader{folder, filepath.Base(folder)}
	b := newBuilder(f.name)
	said, err := f.about(b)
	if err != nil {
		return nil, err
	}
	b.s.roleAttribute = idp.No // a column that is not there is an attribute that nobody can have
	err = f.rows(peopleCSV, columns{must: []string{"id", "email", "access"}, may: []string{"user_name", "given_name", "family_name", "roles"}}, func(r row) string {
		if _, there := r["roles"]; there {
			b.s.roleAttribute = idp.Yes
		}
		return b.addPerson(personDoc{ID: r["id"], Email: r["email"], UserName: r["user_name"], GivenName: r["given_name"],
			FamilyName: r["family_name"], Roles: words(r["roles"]), Access: r["access"]})
	})
	if err == nil {
		err = f.rows(groupsCSV, columns{must: []string{"id", "name"}, may: []string{"team"}}, func(r row) string {
			team, wrong := yes(r["team"])
			if wrong != "" {
				return wrong
			}
			return b.addGroup(idp.Group{GroupRef: idp.GroupRef{ID: r["id"], Name: r["name"]}, Team: team}, memberList{})
		})
	}
	if err == nil {
		err = f.memberships(b)
	}
	if err != nil {
		return nil, err
	}
	s, _, wrong := b.finish(said)
	if wrong != "" {
		return nil, wrongAt(f.name, 0, wrong)
	}
	return s, nil
}

// about reads complete.csv.
func (f folderReader) about(b *builder) (said completeDoc, err error) {
	values := map[string]string{}
	counts := map[string]*int{"people": &said.People, "groups": &said.Groups, "memberships": &said.Memberships}
	known := []string{"org_url", "app_id", "app_label", "at", "people", "groups", "memberships"}
	err = f.rows(completeCSV, columns{must: []string{"key", "value"}}, func(r row) string {
		key, value := r["key"], r["value"]
		if _, twice := values[key]; twice {
			return key + " is there twice"
		}
		if !slices.Contains(known, key) {
			return fmt.Sprintf("the key %q is not known; known are %s", key, strings.Join(known, ", "))
		}
		values[key] = value
		if to := counts[key]; to != nil {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return fmt.Sprintf("%s is %q; it must be a number", key, value)
			}
			*to = n
		}
		return ""
	})
	if err != nil {
		return said, err
	}
	for _, key := range []string{"people", "groups", "memberships"} {
		if _, there := values[key]; !there {
			return said, f.wrong(completeCSV, 0, "it does not say how many %s there are", key)
		}
	}
	var wrong [2]string
	b.s.at, wrong[0] = timeOf(values["at"])
	b.s.origin, wrong[1] = originFrom(originDoc{OrgURL: values["org_url"], AppID: values["app_id"], AppLabel: values["app_label"]})
	for _, w := range wrong {
		if w != "" {
			return said, f.wrong(completeCSV, 0, "%s", w)
		}
	}
	return said, nil
}

func (f folderReader) memberships(b *builder) error {
	seen := make([]map[string]bool, len(b.lists))
	return f.rows(membershipsCSV, columns{must: []string{"group_id", "person_id"}}, func(r row) string {
		at, known := b.s.group[r["group_id"]]
		if !known {
			return fmt.Sprintf("the group %q is not in %s", r["group_id"], groupsCSV)
		}
		if seen[at] == nil {
			seen[at] = map[string]bool{}
		}
		id := r["person_id"]
		b.lists[at].ids = append(b.lists[at].ids, id)
		return b.member(id, seen[at])
	})
}

// folderReader reads the files of one folder.
type folderReader struct{ path, name string }

// columns are those that a file must and may have, in whatever order.
type columns struct{ must, may []string }

// row is a line by its columns.
type row map[string]string

func (f folderReader) wrong(file string, line int, text string, args ...any) error {
	return wrongAt(f.name+"/"+file, line, fmt.Sprintf(text, args...))
}

// rows reads one file; take says what is wrong with a row. The last line must
// end, for it may have been cut otherwise.
func (f folderReader) rows(file string, c columns, take func(row) (wrong string)) error {
	data, err := os.ReadFile(filepath.Join(f.path, file))
	if err != nil {
		return unreadable(filepath.Join(f.path, file), err)
	}
	data = withoutMark(data)
	switch {
	case !utf8.Valid(data):
		return f.wrong(file, 0, "it is no UTF-8 text")
	case len(data) > 0 && data[len(data)-1] != '\n':
		return f.wrong(file, 1+bytes.Count(data, []byte("\n")), "the last line has no end: the file was cut short")
	}
	r := csv.NewReader(bytes.NewReader(data))
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return f.wrong(file, 1, "it is empty; its first line must name the columns %s", strings.Join(c.must, ", "))
	}
	if err == nil {
		if wrong := c.check(header); wrong != "" {
			return f.wrong(file, 1, "%s", wrong)
		}
	}
	for err == nil {
		var cells []string
		if cells, err = r.Read(); err != nil {
			break
		}
		line, _ := r.FieldPos(0)
		values := make(row, len(header))
		for i, name := range header {
			values[strings.TrimSpace(name)] = strings.TrimSpace(cells[i])
		}
		if wrong := take(values); wrong != "" {
			return f.wrong(file, line, "%s", wrong)
		}
	}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return f.wrong(file, e.Line, "%v", e.Err)
	}
	if !errors.Is(err, io.EOF) {
		return f.wrong(file, 0, "%v", err)
	}
	return nil
}

// check says what is wrong with a line of column names.
func (c columns) check(header []string) string {
	var have []string
	for _, name := range header {
		name = strings.TrimSpace(name)
		switch {
		case slices.Contains(have, name):
			return fmt.Sprintf("the column %q is there twice", name)
		case !slices.Contains(c.must, name) && !slices.Contains(c.may, name):
			return fmt.Sprintf("the column %q is not known; known are %s", name, strings.Join(slices.Concat(c.must, c.may), ", "))
		}
		have = append(have, name)
	}
	for _, name := range c.must {
		if !slices.Contains(have, name) {
			return fmt.Sprintf("the column %q is missing", name)
		}
	}
	return ""
}

// words are those of a cell, between semicolons.
func words(cell string) []string {
	var list []string
	for w := range strings.SplitSeq(cell, ";") {
		if w = strings.TrimSpace(w); w != "" {
			list = append(list, w)
		}
	}
	return list
}

// yes reads a cell that says yes or no; empty means yes.
func yes(cell string) (bool, string) {
	switch strings.ToLower(cell) {
	case "", "yes", "true":
		return true, ""
	case "no", "false":
		return false, ""
	}
	return false, fmt.Sprintf("team is %q; it must be yes or no", cell)
}
