package faultproxy

import (
	"net"
	"sync"
	"time"
)

// slow is a connection on which what is written arrives later, in order.
type slow struct {
	net.Conn
	by    time.Duration
	queue chan late
	gone  chan struct{} // closed when nothing more will be written
	end   func()
}

// late are bytes on their way.
type late struct {
	due  time.Time
	data []byte
}

func newSlow(c net.Conn, by time.Duration) *slow {
	s := &slow{Conn: c, by: by, queue: make(chan late, 1024), gone: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.gone) })
	go s.deliver()
	return s
}

func (s *slow) Write(data []byte) (int, error) {
	select {
	case s.queue <- late{time.Now().Add(s.by), append([]byte(nil), data...)}:
		return len(data), nil
	case <-s.gone:
		return 0, net.ErrClosed
	}
}

func (s *slow) deliver() {
	for {
		select {
		case l := <-s.queue:
			time.Sleep(time.Until(l.due))
			if _, err := s.Conn.Write(l.data); err != nil {
				s.end()
				return
			}
		case <-s.gone:
			return
		}
	}
}
