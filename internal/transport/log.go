package transport

import (
	"log/slog"
	"time"
)

// note tells the log of an attempt that is over.
func (c *call) note(start time.Time) {
	log := c.t.o.Log
	ctx := c.r.Context()
	if log == nil || !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("side", c.t.o.Side), slog.String("method", c.r.Method), slog.String("path", pathOf(c.r)),
		slog.Int("attempt", c.attempts), slog.Duration("took", time.Since(start)), slog.Duration("waited", c.waited),
	}
	if c.last.code != 0 {
		attrs = append(attrs, slog.Int("status", c.last.code), slog.Int("bytes", len(c.last.body)))
		if id := RequestID(c.last.header); id != "" {
			attrs = append(attrs, slog.String("request_id", id))
		}
	}
	if c.last.cause != nil {
		attrs = append(attrs, slog.String("kind", c.last.kind.String()), slog.String("cause", c.last.cause.Error()))
	}
	log.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}
