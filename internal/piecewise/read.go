package piecewise

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Read reads the JSON object that is all there is in r. Members for whose names
// lists has something are read by it, see [Into]; the others, which should be
// short, as [json.Unmarshal] reads them into rest.
func Read(r io.Reader, rest any, lists map[string]func(*json.Decoder) error) error {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return orWhy(err, "it is no object")
	}
	short := []byte{'{'}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // so the decoder sees to it
		if read := lists[name]; read != nil {
			if err := read(d); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		quoted, _ := json.Marshal(name) // a string always encodes
		short = fmt.Appendf(short, "%s:%s,", quoted, value)
	}
	if _, err := d.Token(); err != nil { // the bracket
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return orWhy(err, "something follows the object")
	}
	if n := len(short); n > 1 {
		short = short[:n-1]
	}
	return json.Unmarshal(append(short, '}'), rest)
}

// Into gives what reads a list for [Read], entry by entry: each is asked of every
// one. null gives nil, as with [json.Unmarshal].
func Into[T any](list *[]T, each func(*T) error) func(*json.Decoder) error {
	return func(d *json.Decoder) error {
		*list = nil
		switch t, err := d.Token(); {
		case err != nil:
			return err
		case t == nil:
			return nil
		case t != json.Delim('['):
			return errors.New("it is no list")
		}
		*list = []T{}
		for d.More() {
			var entry T
			if err := d.Decode(&entry); err != nil {
				return err
			}
			if err := each(&entry); err != nil {
				return err
			}
			*list = append(*list, entry)
		}
		_, err := d.Token() // the bracket
		return err
	}
}

func orWhy(err error, why string) error {
	if err != nil {
		return err
	}
	return errors.New(why)
}
