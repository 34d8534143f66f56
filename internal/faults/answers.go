package faults

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// standardAnswers are the answers of no service in particular.
func standardAnswers() map[Kind]http.Handler {
	return map[Kind]http.Handler{
		ServerError: plain(http.StatusInternalServerError, "application/json", `{"error":"internal server error"}`, nil),
		Unavailable: plain(http.StatusServiceUnavailable, "application/json", `{"error":"service unavailable"}`, nil),
		Limited:     plain(http.StatusTooManyRequests, "application/json", `{"error":"too many requests"}`, comeBack),
		LimitedBare: plain(http.StatusTooManyRequests, "application/json", `{"error":"too many requests"}`, nil),
		HTML: plain(http.StatusOK, "text/html; charset=utf-8",
			"<!doctype html><title>Sign in to the network</title><p>Please sign in to go on.</p>", nil),
	}
}

func plain(status int, contentType, body string, more func(http.Header)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if more != nil {
			more(w.Header())
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// comeBack says to come back in a second, in both of the usual ways.
func comeBack(h http.Header) {
	now := time.Now()
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("Retry-After", "1")
	h.Set("X-Rate-Limit-Limit", "1")
	h.Set("X-Rate-Limit-Remaining", "0")
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(now.Unix()+1, 10))
}
