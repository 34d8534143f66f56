package attio

import (
	"strings"

	"golang.org/x/net/idna"
)

// FoldDomain is the one way in which domains are compared: trimmed, lower case,
// and each label that is not ASCII as its A-label
// (https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1), so that
// bücher.example and xn--bcher-kva.example are one. An ASCII label is its own
// form, also one that the Lookup profile refuses, for mail has some
// (r3---sn.example); and a label that cannot be an A-label stays as it is.
func FoldDomain(domain string) string {
	if isFolded(domain) {
		return domain
	}
	return aLabels(lowered(domain))
}

// aLabels gives a domain in lower case with A-labels.
func aLabels(domain string) string {
	if isFolded(domain) {
		return domain
	}
	labels := strings.Split(strings.Map(dot, domain), ".")
	for i, label := range labels {
		if isFolded(label) {
			continue
		}
		if ascii, err := idna.Lookup.ToASCII(label); err == nil && ascii != "" {
			labels[i] = ascii
		}
	}
	return strings.Join(labels, ".")
}

// dot makes one of all that separate labels
// (https://www.rfc-editor.org/rfc/rfc3490#section-3.1).
func dot(r rune) rune {
	switch r {
	case '。', '．', '｡':
		return '.'
	}
	return r
}
