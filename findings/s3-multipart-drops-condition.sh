#!/usr/bin/env bash
#
# minio-go: If-None-Match and If-Match hold for a PUT, not for an upload in parts, and
# a stream of sixteen bytes is an upload in parts.
#
# Expected: a condition set in PutObjectOptions holds for the write, however the
#   package sends it; or PutObject says that it cannot.
# Happens: past 16 MiB, or at any size when the size is given as -1, the upload goes
#   in parts, and the condition is sent with the request that begins it only. The
#   request that makes the object bears none, though S3 looks at conditions just there
#   (CompleteMultipartUpload). A server that looks at the beginning lets through two
#   writers that began together; one that does what S3's reference says looks at
#   nothing. The object that was there is overwritten, without an error.
# A client should: give the true size and DisableMultipart: true to each write with a
#   condition (with -1 that is an error, not a write without its condition).
# Concerns us: the state and the lock in S3 are written with conditions. It works for
#   as long as the state is small, and stops, silently, in a long-lived large one; or
#   at once for whoever encodes it into a pipe.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is one key, and keeps If-None-Match: * on whichever request states it, but
// for the beginning of an upload in parts when that is not looked at.
type bucket struct {
	looksAtBeginning bool

	mu     sync.Mutex
	object []byte
	parts  []byte
	steps  []string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	query := r.URL.Query()
	begins, step := query.Has("uploads"), "put"
	switch {
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
		return
	case begins:
		step = "begin"
	case query.Has("partNumber"):
		step = "part"
	case query.Has("uploadId"):
		step = "complete"
	}
	conditional := r.Header.Get("If-None-Match") == "*"
	said := step
	if conditional {
		said += " (condition)"
	}
	if n := len(b.steps); n == 0 || b.steps[n-1] != said {
		b.steps = append(b.steps, said)
	}
	if conditional && b.object != nil && (!begins || b.looksAtBeginning) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusPreconditionFailed)
		_, _ = io.WriteString(w, `<Error><Code>PreconditionFailed</Code><Message>taken</Message></Error>`)
		return
	}
	w.Header().Set("ETag", `"1"`)
	switch step {
	case "begin":
		_, _ = io.WriteString(w, `<InitiateMultipartUploadResult><Bucket>state</Bucket><Key>k</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>`)
	case "part":
		b.parts = append(b.parts, body...)
	case "complete":
		b.object = b.parts
		_, _ = io.WriteString(w, `<CompleteMultipartUploadResult><Bucket>state</Bucket><Key>k</Key><ETag>"1-1"</ETag></CompleteMultipartUploadResult>`)
	case "put":
		b.object = body
	}
}

// write has bea write where ada's object is already, or comes while bea's is under way.
func write(b *bucket, size int, unknown, oneRequest, meanwhile bool) {
	server := httptest.NewServer(b)
	defer server.Close()
	client, err := minio.New(strings.TrimPrefix(server.URL, "http://"), &minio.Options{
		Creds:        credentials.NewStaticV4("made", "up", ""),
		Region:       "us-east-1",
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   1,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	adas := []byte(`{"holder":"ada"}`)
	body := append([]byte(`{"holder":"bea"}`), bytes.Repeat([]byte{' '}, size)...)[:size]
	source := &source{Reader: bytes.NewReader(body)}
	if meanwhile {
		source.first = func() { b.mu.Lock(); b.object = adas; b.mu.Unlock() }
	} else {
		b.object = adas
	}
	given := int64(size)
	if unknown {
		given = -1
	}
	options := minio.PutObjectOptions{DisableMultipart: oneRequest}
	options.SetMatchETagExcept("*")
	_, err = client.PutObject(ctx, "state", "k", source, given, options)

	told := "no error"
	if err != nil {
		told = "an error before any request"
		if e := minio.ToErrorResponse(err); e.StatusCode != 0 {
			told = fmt.Sprintf("status %d", e.StatusCode)
		}
	}
	fate, sent := "overwritten", "none"
	if bytes.Contains(b.object, []byte(`"ada"`)) {
		fate = "kept"
	}
	if len(b.steps) > 0 {
		sent = strings.Join(b.steps, ", ")
	}
	fmt.Printf("size %d, given as %d, DisableMultipart %t\n", size, given, oneRequest)
	fmt.Printf("  requests: %s\n  bea is told: %s; ada's object: %s\n", sent, told, fate)
}

// source says when it is first read.
type source struct {
	io.Reader
	first func()
	once  sync.Once
}

func (s *source) Read(p []byte) (int, error) {
	if s.first != nil {
		s.once.Do(s.first)
	}
	return s.Reader.Read(p)
}

const large = 16<<20 + 1

func main() {
	log.SetFlags(0)
	fmt.Println("== ada's object is there; a server that looks at PUT and at the completion, as S3's reference has it")
	for _, c := range []struct {
		size                int
		unknown, oneRequest bool
	}{{16, false, false}, {16, true, false}, {large, false, false}, {large, false, true}, {16, true, true}} {
		write(&bucket{}, c.size, c.unknown, c.oneRequest, false)
	}
	fmt.Println("== the same, but a server that looks at the beginning, too")
	write(&bucket{looksAtBeginning: true}, large, false, false, false)
	fmt.Println("== such a server, but ada's object comes while bea's is under way")
	write(&bucket{looksAtBeginning: true}, large, false, false, true)
	write(&bucket{looksAtBeginning: true}, large, false, true, true)
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/minio/minio-go/v7@v7.4.1 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/minio/minio-go/v7

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
== ada's object is there; a server that looks at PUT and at the completion, as S3's reference has it
size 16, given as 16, DisableMultipart false
  requests: put (condition)
  bea is told: status 412; ada's object: kept
size 16, given as -1, DisableMultipart false
  requests: begin (condition), part, complete
  bea is told: no error; ada's object: overwritten
size 16777217, given as 16777217, DisableMultipart false
  requests: begin (condition), part, complete
  bea is told: no error; ada's object: overwritten
size 16777217, given as 16777217, DisableMultipart true
  requests: put (condition)
  bea is told: status 412; ada's object: kept
size 16, given as -1, DisableMultipart true
  requests: none
  bea is told: an error before any request; ada's object: kept
== the same, but a server that looks at the beginning, too
size 16777217, given as 16777217, DisableMultipart false
  requests: begin (condition)
  bea is told: status 412; ada's object: kept
== such a server, but ada's object comes while bea's is under way
size 16777217, given as 16777217, DisableMultipart false
  requests: begin (condition), part, complete
  bea is told: no error; ada's object: overwritten
size 16777217, given as 16777217, DisableMultipart true
  requests: put (condition)
  bea is told: status 412; ada's object: kept
TEXT
diff known seen || { echo "CHANGED: no longer so" >&2; exit 1; }
echo "As known."
