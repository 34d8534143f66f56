package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"scim-sync/internal/nearest"
)

// Hook is one address that is told of runs.
type Hook struct {
	// URL is secret: whoever knows it can write there. Not given where its variable
	// or its file gives none; the settings warn of that, and nothing is sent.
	URL Secret
	// URLFile names a file that holds URL.
	URLFile string
	Format  HookFormat
	// On are the events it hears of. Default: refused, failed, recovered, stale.
	On []HookEvent

	unset []string // variables that the url names
}

// HookFormat is the form of a message.
type HookFormat string

// The values of format.
const (
	HookJSON  HookFormat = "json"
	HookSlack HookFormat = "slack"
	HookTeams HookFormat = "teams"
)

// HookEvent is what a hook may hear of.
type HookEvent string

// The values of on.
const (
	OnRefused   HookEvent = "refused"   // a safety rail, or a note that asks for somebody
	OnFailed    HookEvent = "failed"    // a step, or a whole run
	OnApplied   HookEvent = "applied"   // a run changed something in Attio
	OnRecovered HookEvent = "recovered" // what was told of before is over
	OnStale     HookEvent = "stale"     // no run ended well for long
)

// Hears says whether the hook wants to hear of an event.
func (h Hook) Hears(e HookEvent) bool { return slices.Contains(h.On, e) }

// Host is where the hook leads, which is no secret; empty where that is not known.
func (h Hook) Host() string {
	u, err := url.Parse(h.URL.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

// hookURL is the address of a web hook. Its messages repeat nothing of it.
func hookURL(s string) (string, string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return "", "must be a web address, as https://hooks.example/services/..."
	case u.User != nil || u.Fragment != "":
		return "", "must hold no user and no fragment"
	case u.Scheme == "https", u.Scheme == "http" && loopback(strings.ToLower(u.Hostname())):
		return s, ""
	case u.Scheme == "http":
		return "", "must be https; plain http is taken for loopback addresses only"
	}
	return "", "must start with https://"
}

// hookKey is a key of an item of notify.
type hookKey struct {
	name, doc string
	read      func(node, *Hook) []fault
	schema    map[string]any
}

func hookKeys() []hookKey {
	address, file := secretCodec(hookURL), textCodec(filePath)
	format := choiceCodec(HookJSON, HookSlack, HookTeams)
	on := listCodec(choiceCodec(OnRefused, OnFailed, OnApplied, OnRecovered, OnStale), "[refused, failed]")
	return []hookKey{
		{"url", "Where messages are posted: https, or http on this machine. A secret.", func(n node, h *Hook) []fault {
			h.unset = n.unset
			return into(&h.URL, address, n)
		}, orNull(address.schema())},
		{"url_file", "File that holds the url instead; read anew each run. A relative path starts at the folder of the settings file.", func(n node, h *Hook) []fault {
			return into(&h.URLFile, file, n)
		}, orNull(file.schema())},
		{"format", "json (docs/operations.md), slack or teams; json by default.", func(n node, h *Hook) []fault {
			return into(&h.Format, format, n)
		}, orNull(format.schema())},
		{"on", "What it hears of; by default refused, failed, recovered and stale.", func(n node, h *Hook) []fault {
			return into(&h.On, on, n)
		}, orNull(on.schema())},
	}
}

// into reads a value; an absent one, or one of which a variable is not set, changes
// nothing.
func into[T any](to *T, c codec[T], n node) []fault {
	if n.kind == absent || n.bad || len(n.unset) > 0 {
		return nil
	}
	v, faults := c.read(n)
	*to = v
	return faults
}

// hookCodec reads {url: ..., format: ..., on: [...]}.
func hookCodec() codec[Hook] {
	keys := hookKeys()
	return codec[Hook]{
		read: func(n node) (Hook, []fault) {
			if n.kind != mapping {
				return Hook{}, []fault{n.wrong("is %s; it must be as {url: ${HOOK}, format: slack, on: [refused, failed]}", n.form())}
			}
			return readHook(n, keys)
		},
		show: func(h Hook) any {
			out := map[string]any{"format": string(h.Format), "on": listCodec(choiceCodec[HookEvent](), "").show(h.On)}
			if h.URL.Given() {
				out["url"] = masked
			}
			if h.URLFile != "" {
				out["url_file"] = h.URLFile
			}
			return out
		},
		schema: func() map[string]any {
			properties := map[string]any{}
			for _, k := range keys {
				k.schema["description"] = k.doc
				properties[k.name] = k.schema
			}
			return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
		},
	}
}

func readHook(n node, keys []hookKey) (Hook, []fault) {
	h := Hook{Format: HookJSON}
	var faults []fault
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	for _, f := range n.fields {
		i := slices.Index(names, f.key.text)
		if i < 0 {
			faults = append(faults, under("."+label(f.key.text), f.key.wrong("unknown key%s", nearest.Suggestion(f.key.text, names)))...)
			continue
		}
		faults = append(faults, under("."+names[i], keys[i].read(f.value, &h)...)...)
	}
	if h.On == nil {
		h.On = []HookEvent{OnRefused, OnFailed, OnRecovered, OnStale}
	}
	switch {
	case len(faults) > 0, len(h.unset) > 0:
	case h.URL.Given() && h.URLFile != "":
		faults = append(faults, under(".url_file", n.wrong("is given together with url; keep one of them"))...)
	case !h.URL.Given() && h.URLFile == "":
		faults = append(faults, under(".url", fault{line: n.line, col: n.col, missing: true})...)
	}
	return h, faults
}

// telling completes what says whom a run is told to.
func (l *loading) telling(s *Settings, values overlay, base string) {
	if s.MetricsFile != "" && values.get("metrics_file").origin.From == FromFile {
		s.MetricsFile = l.src.resolve(base, s.MetricsFile)
	}
	l.hooks(s, values.get("notify"), base)
}

// hooks reads the files of the hooks' addresses, and warns of hooks that have none: a
// run does its work without.
func (l *loading) hooks(s *Settings, from *given, base string) {
	if from.origin.From != FromFile {
		base = ""
	}
	for i := range s.Notify {
		h := &s.Notify[i]
		name := fmt.Sprintf("notify[%d].url", i)
		switch {
		case h.URL.Given():
		case h.URLFile != "":
			address := key{path: name, binding: bind(func(*Settings) *Secret { return &h.URL }, secretCodec(hookURL))}
			store, why := l.readSecret(address, l.src.resolve(base, h.URLFile), from.origin)
			if why != "" {
				l.record.warnings = append(l.record.warnings, from.origin.problem(name+fileSuffix, "%s; nothing is sent there", why))
				continue
			}
			store(s)
		default:
			l.record.warnings = append(l.record.warnings, from.origin.problem(name, "%s; nothing is sent there", unsetWords(h.unset, l.src.defined)))
		}
	}
}
