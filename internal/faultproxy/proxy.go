// Package faultproxy is a TCP proxy that fails on purpose: it cuts a connection
// before or after a request has reached the other side, holds everything up,
// breaks all connections, or stands for a server that is far away. It knows
// nothing of what goes through it; a request is what a client sends in one go.
package faultproxy

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// Fault is what happens to a request.
type Fault int

// The faults.
const (
	Pass      Fault = iota
	CutBefore       // the request is dropped and the connection breaks
	CutAfter        // the request arrives, and its answer is dropped with the connection
	Stall           // the request is kept until Heal
)

// Proxy stands before one server.
type Proxy struct {
	target   string
	listener net.Listener

	mu       sync.Mutex // guards what follows
	rule     func(request []byte) Fault
	stalled  bool
	healed   chan struct{} // closed while nothing is held up
	conns    map[net.Conn]bool
	requests int
	away     time.Duration // how long an answer takes more
}

// Start stands before the server at target, host:port, until the test ends.
func Start(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	healed := make(chan struct{})
	close(healed)
	p := &Proxy{target: target, listener: l, healed: healed, conns: map[net.Conn]bool{}}
	go p.accept()
	t.Cleanup(func() { l.Close(); p.Heal(); p.CutAll() })
	return p
}

// Addr is where clients connect to, host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Port is that of Addr.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// Rule decides on each request from now on, nil on none. It is called by one
// goroutine at a time.
func (p *Proxy) Rule(rule func(request []byte) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = rule
}

// Nth lets the n-th request from now on, counted from 1, meet a fault, and all
// others pass.
func (p *Proxy) Nth(n int, f Fault) {
	seen := 0
	p.Rule(func([]byte) Fault {
		if seen++; seen == n {
			return f
		}
		return Pass
	})
}

// Away has every answer come that much later on connections made from now on, as
// from a server far away: what is sent meanwhile is on its way as well.
func (p *Proxy) Away(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = d
}

// Requests is how many requests came so far.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// CutAll breaks all connections; new ones work.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// StallAll holds everything up, in both directions and new connections as well,
// until Heal.
func (p *Proxy) StallAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stalled {
		p.stalled, p.healed = true, make(chan struct{})
	}
}

// Heal lets go of what is held up.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled {
		p.stalled = false
		close(p.healed)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	away := p.away
	p.mu.Unlock()
	if away > 0 {
		slow := newSlow(client, away)
		defer slow.end()
		client = slow
	}
	l := &link{p: p, client: client, server: server}
	p.track(true, client, server)
	defer p.track(false, client, server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.answers()
		client.Close()
	}()
	l.requests()
	server.Close()
	client.Close()
	<-done
}

func (p *Proxy) track(add bool, conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if add {
			p.conns[c] = true
		} else {
			delete(p.conns, c)
		}
	}
}

// decide counts a request and says what happens to it.
func (p *Proxy) decide(request []byte) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if p.rule == nil {
		return Pass
	}
	return p.rule(request)
}

// pass waits while everything is held up.
func (p *Proxy) pass() {
	p.mu.Lock()
	healed := p.healed
	p.mu.Unlock()
	<-healed
}

// link is one connection through the proxy.
type link struct {
	p              *Proxy
	client, server net.Conn

	mu   sync.Mutex // guards what follows
	drop bool       // the next answer ends the connection
}

var errCut = errors.New("cut on purpose")

func (l *link) requests() {
	l.pump(l.client, func(data []byte) error {
		switch l.p.decide(data) {
		case CutBefore:
			return errCut
		case CutAfter:
			l.mu.Lock()
			l.drop = true
			l.mu.Unlock()
		case Stall:
			l.p.StallAll()
		}
		l.p.pass()
		_, err := l.server.Write(data)
		return err
	})
}

func (l *link) answers() {
	l.pump(l.server, func(data []byte) error {
		l.p.pass()
		l.mu.Lock()
		drop := l.drop
		l.mu.Unlock()
		if drop {
			return errCut
		}
		_, err := l.client.Write(data)
		return err
	})
}

func (l *link) pump(from net.Conn, each func([]byte) error) {
	buf := make([]byte, 1<<20)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if each(buf[:n]) != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
