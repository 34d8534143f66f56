#!/usr/bin/env bash
#
# prometheus/common: a counter is a counter in one text format only, and the file
# reader takes the other format without seeing its types, or not at all.
#
# Expected: a metric has one type, whichever text format a scraper asks for; and the
#   library's reader takes what the library's writer wrote, or says that it is not
#   its format.
# Happens: a counter whose name lacks _total is "counter" in the classic text and
#   "unknown" in OpenMetrics, with the same value and no warning. Read by expfmt's
#   TextParser, an OpenMetrics page of a counter named well passes without an error
#   and is "untyped"; one word of the other format ("unknown", "info") refuses the
#   whole page, the good metrics too.
# A client should: end each counter's name in _total, and write the classic format,
#   never OpenMetrics, into a file that the text reader will read.
# Concerns us: a run that ends has its numbers in a file, which node_exporter's
#   textfile collector reads with this parser. Alerts on "no good run for a day" are
#   made of just these numbers, and a file that is refused is an alert that is silent.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || { echo "needs go" >&2; exit 2; }
export GOWORK=off GOFLAGS=-mod=readonly

cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

const (
	classic     = "text/plain;version=0.0.4"
	openMetrics = "application/openmetrics-text;version=1.0.0"
)

// page is what an endpoint with one counter of that name serves.
func page(counter, format string) string {
	registry := prometheus.NewRegistry()
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: counter, Help: "Made up."})
	c.Add(3)
	registry.MustRegister(c)
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	defer server.Close()
	req, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Accept", format)
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

func read(text string) string {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	said := ""
	for _, family := range families {
		said += family.GetName() + " is " + strings.ToLower(family.GetType().String())
	}
	return said
}

func main() {
	log.SetFlags(0)
	for _, counter := range []string{"removals_total", "removals"} {
		for _, format := range []string{classic, openMetrics} {
			text := page(counter, format)
			fmt.Printf("counter %s as %s\n", counter, format)
			for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
				if !strings.HasPrefix(line, "# HELP") {
					fmt.Println("  |", line)
				}
			}
			fmt.Println("  read as a file:", read(text))
		}
	}
}
GO
{
	go mod init throwaway &&
		timeout 100 go get github.com/prometheus/client_golang/prometheus/promhttp@v1.25.0 \
		github.com/prometheus/common/expfmt@v0.74.0 &&
		go build -o finding .
} 2>log || { cat log >&2; exit 2; }
go list -m github.com/prometheus/client_golang github.com/prometheus/common

timeout 60 ./finding | tee seen
cat >known <<'TEXT'
counter removals_total as text/plain;version=0.0.4
  | # TYPE removals_total counter
  | removals_total 3
  read as a file: removals_total is counter
counter removals_total as application/openmetrics-text;version=1.0.0
  | # TYPE removals counter
  | removals_total 3.0
  | # EOF
  read as a file: removals_total is untyped
counter removals as text/plain;version=0.0.4
  | # TYPE removals counter
  | removals 3
  read as a file: removals is counter
counter removals as application/openmetrics-text;version=1.0.0
  | # TYPE removals unknown
  | removals 3.0
  | # EOF
  read as a file: text format parsing error in line 2: unknown metric type "unknown"
TEXT
diff known seen || { echo "CHANGED" >&2; exit 1; }
echo "As known."
