package bucket

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7/pkg/encrypt"

	"scim-sync/sync/state"
)

// address is what s3://bucket/prefix?endpoint=…&region=… says.
type address struct {
	bucket, prefix string
	endpoint       string // host and port
	plain          bool   // http
	region         string
	pathStyle      string // yes, no, or empty: as the endpoint needs it
	sse            encrypt.ServerSide
	kms            bool
}

// String is the address without its parameters.
func (a *address) String() string { return "s3://" + a.bucket + "/" + a.prefix }

// environ are variables as NAME=value; of two with one name the last counts.
type environ []string

func (e environ) get(name string) string {
	for _, variable := range slices.Backward(e) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// parse reads the address of a location. Error: *state.LocationError.
func parse(at state.Location, env environ) (*address, error) {
	bad := func(why string, args ...any) (*address, error) {
		return nil, &state.LocationError{Location: cmp.Or(at.Shown, "(not shown)"), Why: fmt.Sprintf(why, args...)}
	}
	u, err := url.Parse(at.URL)
	switch {
	case err != nil || u.Scheme != "s3" || u.Opaque != "":
		return bad("it is no address of a bucket, as s3://bucket/prefix?region=eu-central-1")
	case u.User != nil || u.Fragment != "":
		return bad("it holds a user or a fragment; keys are taken from the environment, a profile or the machine's role")
	}
	a := &address{bucket: u.Host, prefix: strings.Trim(u.Path, "/")}
	if a.bucket == "" || a.prefix == "" {
		return bad("it needs a bucket and a prefix, as s3://bucket/prefix")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return bad("its parameters cannot be read; write & between them")
	}
	for name, values := range query {
		if !slices.Contains([]string{"endpoint", "region", "path_style", "sse", "insecure_http"}, name) {
			return bad("%q is no parameter; there are endpoint, region, path_style, sse and insecure_http", name)
		}
		if len(values) > 1 {
			return bad("%s is there more than once", name)
		}
	}
	if why := a.reach(query, env); why != "" {
		return bad("%s", why)
	}
	if why := a.encryption(query.Get("sse")); why != "" {
		return bad("%s", why)
	}
	return a, nil
}

// reach reads where the bucket is asked, and says what is wrong with that.
func (a *address) reach(query url.Values, env environ) string {
	a.region = cmp.Or(query.Get("region"), env.get("AWS_REGION"), env.get("AWS_DEFAULT_REGION"))
	a.pathStyle = query.Get("path_style")
	if !slices.Contains([]string{"", "true", "false"}, a.pathStyle) {
		return "path_style is true or false"
	}
	endpoint := query.Get("endpoint")
	if endpoint == "" {
		a.endpoint = "s3.amazonaws.com"
		if a.region == "" {
			return "it names no region; add ?region=, or ?endpoint= for a server that is not Amazon's"
		}
		return ""
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	e, err := url.Parse(endpoint)
	if err != nil || e.Hostname() == "" || e.User != nil || strings.Trim(e.Path, "/") != "" || e.RawQuery != "" || e.Fragment != "" {
		return "endpoint must be scheme and host alone, as https://minio.acme.example:9000"
	}
	a.endpoint, a.plain = e.Host, e.Scheme == "http"
	switch {
	case e.Scheme != "https" && e.Scheme != "http":
		return "endpoint must begin with https://"
	case a.plain && !loopback(e.Hostname()) && query.Get("insecure_http") != "true":
		return "endpoint must be https; plain http is taken for loopback addresses only, or with insecure_http=true where nobody else is on the network between"
	}
	if a.pathStyle == "" && (loopback(e.Hostname()) || net.ParseIP(e.Hostname()) != nil) {
		a.pathStyle = "true"
	}
	a.region = cmp.Or(a.region, "us-east-1") // what servers that know no regions take
	return ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// encryption reads sse: AES256, aws:kms or aws:kms:KEY.
func (a *address) encryption(sse string) string {
	var err error
	key, kms := strings.CutPrefix(sse, "aws:kms")
	switch {
	case sse == "":
	case sse == "AES256":
		a.sse = encrypt.NewSSE()
	case kms && (key == "" || strings.HasPrefix(key, ":")):
		a.kms = true
		a.sse, err = encrypt.NewSSEKMS(strings.TrimPrefix(key, ":"), nil)
	default:
		return "sse is AES256, aws:kms or aws:kms:KEY"
	}
	if err != nil {
		return "sse names a key that cannot be"
	}
	return ""
}
