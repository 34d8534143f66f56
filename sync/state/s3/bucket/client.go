package bucket

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5" // what ETags are made of
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/net/http/httpproxy"

	"scim-sync/internal/transport"
	"scim-sync/sync/state"
)

// client asks a bucket one request at a time: nothing here tries again.
type client struct {
	*address
	env   environ
	learn func(...string)
	try   time.Duration // for one request, and more for a large body
	// Wrap, set before the first request, puts something between this and the connection.
	Wrap     func(http.RoundTripper) http.RoundTripper
	replaced []string // names of objects that are replaced under their ETag
	connect  func() (*minio.Core, error)
	noSums   atomic.Bool // ETags here are no checksums, as under a bucket's own encryption
}

// Object is one as it was read.
type Object struct {
	Head
	Content        []byte
	ETag           string
	Modified, Date time.Time // by the server's clock; zero where it does not say
	server         string    // what it says that it is
}

// newClient opens no connection, and no file, before it is asked.
func newClient(a *address, at state.Location, try time.Duration, replaced []string) *client {
	b := &client{address: a, env: at.Environ, learn: at.Learn, try: try, replaced: replaced}
	b.connect = sync.OnceValues(b.signed)
	return b
}

// base makes connections. An answer that was packed on the way would come with
// another ETag than it was stored with.
func (b *client) base() http.RoundTripper {
	t := transport.Connections()
	t.DisableCompression = true
	t.ResponseHeaderTimeout = 0 // the context's time is enough
	proxy := (&httpproxy.Config{
		HTTPProxy:  cmp.Or(b.env.get("HTTP_PROXY"), b.env.get("http_proxy")),
		HTTPSProxy: cmp.Or(b.env.get("HTTPS_PROXY"), b.env.get("https_proxy")),
		NoProxy:    cmp.Or(b.env.get("NO_PROXY"), b.env.get("no_proxy")),
	}).ProxyFunc()
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	if b.Wrap != nil {
		return b.Wrap(t)
	}
	return t
}

func (b *client) signed() (*minio.Core, error) {
	base := b.base()
	keys := &chain{services: services{env: b.env, region: b.region, client: &http.Client{Transport: base}, learn: b.learn}, place: b.String(), now: time.Now}
	return b.clientWith(credentials.New(keys), base)
}

func (b *client) clientWith(keys *credentials.Credentials, base http.RoundTripper) (*minio.Core, error) {
	lookup := map[string]minio.BucketLookupType{"true": minio.BucketLookupPath, "false": minio.BucketLookupDNS}[b.pathStyle]
	core, err := minio.NewCore(b.endpoint, &minio.Options{
		Creds: keys, Secure: !b.plain, Region: b.region, BucketLookup: lookup, Transport: base,
		MaxRetries: 1, // it would take its own first try for somebody else's
	})
	if err != nil {
		return nil, b.failed("ask", "", err)
	}
	return core, nil
}

func (b *client) key(name string) string { return b.prefix + "/" + name }

// within gives a try its time: longer for what is large.
func (b *client) within(ctx context.Context, size int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.try+time.Duration(size>>20)*time.Second)
}

// Get reads an object, nil when there is none. Errors: *UnfitError, *Error.
func (b *client) Get(ctx context.Context, name string) (*Object, error) {
	o, sure, err := b.getOnce(ctx, name)
	if err != nil || o == nil || sure {
		return o, err
	}
	// A body and an ETag of two versions are seen while one replaces the other;
	// where an ETag is no checksum, the same two come again.
	again, _, err := b.getOnce(ctx, name)
	if err == nil && (again == nil || again.ETag != o.ETag || again.Nonce != o.Nonce) {
		return nil, &UnfitError{"it was replaced while it was read"}
	}
	return again, err
}

// getOnce also says whether body and ETag are known to belong together.
func (b *client) getOnce(ctx context.Context, name string) (o *Object, sure bool, err error) {
	core, err := b.connect()
	if err != nil {
		return nil, false, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(b.try, func() { cancel(context.DeadlineExceeded) })
	defer late.Stop()
	body, info, header, err := core.GetObject(ctx, b.bucket, b.key(name), minio.GetObjectOptions{})
	if isMissing(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, b.failed("read", name, cmp.Or(timeOut(ctx), err))
	}
	defer body.Close()
	late.Reset(b.try + time.Duration(max(info.Size, 0)>>20)*time.Second)
	var raw bytes.Buffer
	raw.Grow(int(min(max(info.Size, 0), 256<<20)) + bytes.MinRead)
	if _, err := io.Copy(&raw, body); err != nil {
		return nil, false, b.failed("read", name, cmp.Or(timeOut(ctx), err))
	}
	etag, err := strongTag(header.Get("ETag"))
	if packed := header.Get("Content-Encoding"); err == nil && packed != "" {
		err = &tagError{fmt.Sprintf("the answer is packed (%.32q), though nobody asked for that", packed)}
	}
	if err != nil {
		return nil, false, b.failed("read", name, err)
	}
	o = &Object{ETag: etag}
	if o.Head, o.Content, err = unseal(raw.Bytes()); err != nil {
		return nil, false, err
	}
	o.Modified, _ = http.ParseTime(header.Get("Last-Modified"))
	o.Date, _ = http.ParseTime(header.Get("Date"))
	o.server = header.Get("Server")
	// Only what is replaced under its ETag must fit it.
	replaced := slices.Contains(b.replaced, name)
	return o, !replaced || b.kms || b.noSums.Load() || !mayBeSum(etag) || sumOf(raw.Bytes()) == etag, nil
}

// timeOut is what a context ended for, where that was its time.
func timeOut(ctx context.Context) error {
	if err := context.Cause(ctx); errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func mayBeSum(etag string) bool {
	_, err := hex.DecodeString(etag)
	return err == nil && len(etag) == 2*md5.Size
}

func sumOf(raw []byte) string {
	sum := md5.Sum(raw) // compared with an ETag
	return hex.EncodeToString(sum[:])
}

// strongTag takes the quotes off an ETag. One that somebody on the way has
// changed is good for no condition.
func strongTag(header string) (string, error) {
	tag := strings.TrimSuffix(strings.TrimPrefix(header, `"`), `"`)
	switch {
	case tag == "":
		return "", &tagError{"the answer has no ETag, without which nothing can be written safely"}
	case strings.HasPrefix(header, "W/"), strings.Contains(tag, `"`):
		return "", &tagError{fmt.Sprintf("the answer's ETag %.80q is none that a condition can name", header)}
	}
	return tag, nil
}

// Put writes an object by one request: where match is empty if there is none,
// else over the one with that ETag. Anything is over whatever is there.
func (b *client) Put(ctx context.Context, name string, raw []byte, match string) (minio.UploadInfo, error) {
	opts := minio.PutObjectOptions{ContentType: "application/json", ServerSideEncryption: b.sse, DisableMultipart: true, DisableContentSha256: true}
	switch match {
	case Anything:
	case "":
		opts.SetMatchETagExcept("*")
	default:
		opts.SetMatchETag(match)
	}
	core, err := b.connect()
	if err != nil {
		return minio.UploadInfo{}, err
	}
	ctx, cancel := b.within(ctx, len(raw))
	defer cancel()
	sum := sha256.Sum256(raw)
	info, err := core.PutObject(ctx, b.bucket, b.key(name), bytes.NewReader(raw), int64(len(raw)), "", hex.EncodeToString(sum[:]), opts)
	if err == nil {
		_, err = strongTag(info.ETag)
		if info.ETag != sumOf(raw) {
			b.noSums.Store(true)
		}
	}
	if err != nil {
		return info, b.failed("write", name, cmp.Or(timeOut(ctx), err))
	}
	return info, nil
}

// Anything as a condition is none.
const Anything = "*"

// Copy lets the server copy an object, if it still has the ETag.
func (b *client) Copy(ctx context.Context, from, etag, to string) error {
	core, err := b.connect()
	if err != nil {
		return err
	}
	ctx, cancel := b.within(ctx, 50<<20) // whatever it holds
	defer cancel()
	header := http.Header{}
	if b.sse != nil {
		b.sse.Marshal(header)
	}
	header.Set("X-Amz-Copy-Source-If-Match", etag)
	with := map[string]string{}
	for name := range header {
		with[name] = header.Get(name)
	}
	_, err = core.CopyObject(ctx, b.bucket, b.key(from), b.bucket, b.key(to), with, minio.CopySrcOptions{}, minio.PutObjectOptions{})
	if err != nil {
		return b.failed("write", to, cmp.Or(timeOut(ctx), err))
	}
	return nil
}

// remove deletes an object; one that is not there is no error.
func (b *client) remove(ctx context.Context, name string) error {
	core, err := b.connect()
	if err != nil {
		return err
	}
	ctx, cancel := b.within(ctx, 0)
	defer cancel()
	if err := core.RemoveObject(ctx, b.bucket, b.key(name), minio.RemoveObjectOptions{}); err != nil && !isMissing(err) {
		return b.failed("delete", name, cmp.Or(timeOut(ctx), err))
	}
	return nil
}

// list gives the names below the folder, and after the name, in order.
func (b *client) list(ctx context.Context, folder, after string) ([]string, error) {
	core, err := b.connect()
	if err != nil {
		return nil, err
	}
	ctx, cancel := b.within(ctx, 50<<20) // many pages
	defer cancel()
	opts := minio.ListObjectsOptions{Prefix: b.key(folder), Recursive: true}
	if after != "" {
		opts.StartAfter = b.key(after)
	}
	var names []string
	for o := range core.ListObjectsIter(ctx, b.bucket, opts) {
		if o.Err != nil {
			return nil, b.failed("list", folder, cmp.Or(timeOut(ctx), o.Err))
		}
		if name := strings.TrimPrefix(o.Key, b.prefix+"/"); name > after {
			names = append(names, name)
		}
	}
	return names, nil
}

// Exists gives an error unless the bucket is there. Nothing makes it: some
// servers would, at the first PUT into a name that was mistyped.
func (b *client) Exists(ctx context.Context) error {
	core, err := b.connect()
	if err != nil {
		return err
	}
	ctx, cancel := b.within(ctx, 0)
	defer cancel()
	there, err := core.BucketExists(ctx, b.bucket)
	if err == nil && !there {
		err = minio.ErrorResponse{Code: minio.NoSuchBucket, StatusCode: http.StatusNotFound}
	}
	if err != nil {
		return b.failed("look at", "", cmp.Or(timeOut(ctx), err))
	}
	return nil
}
