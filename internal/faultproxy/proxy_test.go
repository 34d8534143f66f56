package faultproxy_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scim-sync/internal/faultproxy"
)

// echo answers each line and counts them.
func echo(t *testing.T) (addr string, lines *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	lines = new(atomic.Int64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for s := bufio.NewScanner(c); s.Scan(); {
					lines.Add(1)
					fmt.Fprintln(c, s.Text())
				}
			}()
		}
	}()
	return l.Addr().String(), lines
}

func say(t *testing.T, p *faultproxy.Proxy, text string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintln(c, text)
	return bufio.NewReader(c).ReadString('\n')
}

// TestRequestIsCutBeforeOrAfterItArrived: the client sees the same, the server
// does not.
func TestRequestIsCutBeforeOrAfterItArrived(t *testing.T) {
	addr, lines := echo(t)
	p := faultproxy.Start(t, addr)
	for _, c := range []struct {
		fault   faultproxy.Fault
		arrives int64
	}{{faultproxy.CutBefore, 0}, {faultproxy.CutAfter, 1}, {faultproxy.Pass, 1}} {
		before := lines.Load()
		p.Nth(1, c.fault)
		answer, err := say(t, p, "hello")
		if (err == nil) != (c.fault == faultproxy.Pass) || lines.Load()-before != c.arrives {
			t.Errorf("fault %d: %q, %v, and %d arrived", c.fault, answer, err, lines.Load()-before)
		}
	}
}

// TestStalledRequestArrivesOnceHealed: nothing is lost, only late.
func TestStalledRequestArrivesOnceHealed(t *testing.T) {
	addr, lines := echo(t)
	p := faultproxy.Start(t, addr)
	stalled := make(chan struct{})
	p.Rule(func([]byte) faultproxy.Fault { close(stalled); return faultproxy.Stall })
	answered := make(chan error)
	go func() {
		_, err := say(t, p, "late")
		answered <- err
	}()
	<-stalled
	if lines.Load() != 0 {
		t.Error("it arrived")
	}
	p.Rule(nil)
	p.Heal()
	if err := <-answered; err != nil || lines.Load() != 1 {
		t.Errorf("%v, %d arrived", err, lines.Load())
	}
}

// TestServerThatIsFarAnswersLater: each answer by as much, and many that are on
// their way at once no later than one.
func TestServerThatIsFarAnswersLater(t *testing.T) {
	const away = 30 * time.Millisecond
	addr, _ := echo(t)
	p := faultproxy.Start(t, addr)
	p.Away(away)
	began := time.Now()
	if answer, err := say(t, p, "hello"); err != nil || !strings.HasPrefix(answer, "hello") || time.Since(began) < away {
		t.Errorf("%q, %v after %s", answer, err, time.Since(began))
	}
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const lines = 100
	began = time.Now()
	fmt.Fprint(c, strings.Repeat("x\n", lines))
	r := bufio.NewReader(c)
	for range lines {
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < away || took > lines*away/2 {
		t.Errorf("%d answers took %s", lines, took)
	}
}
