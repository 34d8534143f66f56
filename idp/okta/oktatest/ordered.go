package oktatest

import (
	"bytes"
	"encoding/json"
)

// pair is one member of an object.
type pair struct {
	name  string
	value any
}

// ordered is a JSON object whose members keep their order.
type ordered []pair

// MarshalJSON implements json.Marshaler.
func (o ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quote(nil, p.name))
		b.WriteByte(':')
		raw, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
