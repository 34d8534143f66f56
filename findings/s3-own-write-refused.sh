#!/usr/bin/env bash
#
# minio-go: a conditional PUT that worked comes back as a clean 412.
#
# Expected: PUT with If-None-Match: * and an answer of 412 means that somebody else
#   holds the key. An answer that is lost shows as an error of the network.
# Happens: when the server stores the object and then the answer is lost (or a 500
#   comes after the store), minio-go repeats the PUT by itself. The repeat meets the
#   object that the first one made, and the caller gets PreconditionFailed, with no
#   sign that two requests were made. MaxRetries: 1 gives the lost answer instead.
# A client should: set MaxRetries to 1 for writes with a condition, put a nonce of
#   its own in the body, and after 412, 5xx or no answer read the object: its own
#   nonce means that the write worked.
# Concerns us: a lock or a state kept in S3. Read as it stands, this 412 says that
#   another run holds the lock, which is our own, until the lease runs out.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps If-None-Match: *, and spoils its first answer after the store.
type bucket struct {
	mu      sync.Mutex
	spoil   func(http.ResponseWriter)
	objects map[string]string
	puts    int
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodPut {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	b.puts++
	if _, taken := b.objects[r.URL.Path]; taken && r.Header.Get("If-None-Match") == "*" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusPreconditionFailed)
		_, _ = io.WriteString(w, `<Error><Code>PreconditionFailed</Code><Message>taken</Message></Error>`)
		return
	}
	b.objects[r.URL.Path] = string(body) // framed by the signature's chunks
	if b.puts == 1 {
		b.spoil(w)
		return
	}
	w.Header().Set("ETag", `"1"`)
}

func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		log.Fatal(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func fail(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }

func put(what string, spoil func(http.ResponseWriter), maxRetries int) {
	b := &bucket{spoil: spoil, objects: map[string]string{}}
	server := httptest.NewServer(b)
	defer server.Close()
	client, err := minio.New(strings.TrimPrefix(server.URL, "http://"), &minio.Options{
		Creds:        credentials.NewStaticV4("made", "up", ""),
		Region:       "us-east-1",
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   maxRetries,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	body := `{"holder":"ada"}`
	options := minio.PutObjectOptions{DisableMultipart: true}
	options.SetMatchETagExcept("*")
	_, err = client.PutObject(ctx, "state", "lock.json", strings.NewReader(body), int64(len(body)), options)

	told := "no error"
	if err != nil {
		told = "an error without an answer"
		if e := minio.ToErrorResponse(err); e.StatusCode != 0 {
			told = fmt.Sprintf("status %d", e.StatusCode)
		}
	}
	fmt.Printf("%s, MaxRetries %d: %d PUT, stored: %t, caller told: %s\n",
		what, maxRetries, b.puts, strings.Contains(b.objects["/state/lock.json"], body), told)
}

func main() {
	log.SetFlags(0)
	for _, retries := range []int{0, 1} {
		put("answer lost", drop, retries)
		put("500 after the store", fail, retries)
	}
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
answer lost, MaxRetries 0: 2 PUT, stored: true, caller told: status 412
500 after the store, MaxRetries 0: 2 PUT, stored: true, caller told: status 412
answer lost, MaxRetries 1: 1 PUT, stored: true, caller told: an error without an answer
500 after the store, MaxRetries 1: 1 PUT, stored: true, caller told: status 500
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
