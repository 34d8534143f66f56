//go:build !windows

package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scim-sync/idp/okta/oktatest"
	"scim-sync/internal/faultproxy"
	"scim-sync/internal/sample"
)

// soakVariable says for how long the machines work in TestMachinesInALoop, as 10m.
const soakVariable = "SCIM_SYNC_SOAK"

// TestMachinesInALoop: two machines apply without end on one store, while people
// come, move and are renamed in Okta, processes are killed and stopped, and the
// lines to the store and to Attio break. Never do two write at once, nothing is
// done twice, and in the end there is one state, which is what Okta says.
func TestMachinesInALoop(t *testing.T) {
	sample.Long(t)
	t.Parallel()
	long, err := time.ParseDuration(os.Getenv(soakVariable))
	if err != nil {
		long = time.Duration(sample.Times(1, 5)) * time.Second
	}
	sc := newScene(t, defaultWorld)
	sc.okta = append(sc.okta, oktatest.WithRateLimits(oktatest.NoLimits()))
	onEach(t, servers(), func(t *testing.T, fresh func(*testing.T) place) {
		t.Parallel()
		p := fresh(t)
		l := &loop{theater: sc.at(t, p), over: time.Now().Add(long), codes: map[int]int{}}
		if err := l.attio.SetSeats(100_000, false); err != nil {
			t.Fatal(err)
		}
		l.unsettled()
		a, b := l.machine("a", brief, crowd), l.machine("b", brief, crowd)
		var all sync.WaitGroup
		for _, work := range []func(){func() { l.applies(a) }, func() { l.applies(b) }, l.lives, l.breaks} {
			all.Go(work)
		}
		all.Wait()
		l.settles(a, b)
		l.tell()
	})
}

// crowd lets in however many came while no run got to its end.
const crowd = "SCIM_SYNC_PROTECT_ADDITIONS=1000"

// loop is what happens until it is over.
type loop struct {
	*theater
	over time.Time

	kills, stops, cuts, stalls, lost, changes atomic.Int64

	mu    sync.Mutex // guards what follows
	codes map[int]int
}

func (l *loop) on() bool { return time.Now().Before(l.over) && !l.t.Failed() }

// unsettled breaks the line to Attio now and then, before a write is taken.
func (l *loop) unsettled() {
	l.meet(func(side string, _ http.ResponseWriter, r *http.Request, serve func()) {
		if isWrite(side, r) && rand.N(50) == 0 {
			l.lost.Add(1)
			panic(http.ErrAbortHandler)
		}
		serve()
	})
}

// applies has a machine run time and again. Some runs wait for the lock; some are
// killed, and some stopped for longer than their lease.
func (l *loop) applies(m *machine) {
	for l.on() {
		c := m.start(append(slices.Clip(apply), "--lock-timeout", fmt.Sprint(rand.N(3*lease)))...)
		switch rand.N(4) {
		case 0:
			if !c.within(50*time.Millisecond + rand.N(600*time.Millisecond)) {
				c.kill()
				l.kills.Add(1)
			}
		case 1:
			if !c.within(50*time.Millisecond + rand.N(600*time.Millisecond)) {
				_ = c.cmd.Process.Signal(syscall.SIGSTOP)
				l.stops.Add(1)
				<-time.After(rand.N(2 * lease))
				_ = c.cmd.Process.Signal(syscall.SIGCONT)
			}
		}
		code := c.code()
		l.mu.Lock()
		l.codes[code]++
		l.mu.Unlock()
		if !slices.Contains([]int{-1, 0, 4, 7, 75}, code) {
			l.t.Errorf("%s ended with %d\n%s%s", m.name, code, &c.out, &c.errOut)
		}
	}
}

// within says whether a process ends by itself in that time.
func (c *child) within(d time.Duration) bool {
	select {
	case <-c.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// lives changes things in Okta. No change is made twice, so that no write is.
func (l *loop) lives() {
	groups := []string{"Sales", "Marketing", "Customer Success", "Engineering", "Partnerships"}
	for n := 0; l.on(); n++ {
		login, group := fmt.Sprintf("person.%d@fernwood.example", n), groups[rand.N(len(groups))]
		errs := []error{
			l.okta.AddUser(oktatest.User{Login: login, FirstName: "Person", LastName: fmt.Sprint("Number ", n)}),
			l.okta.AddMember(group, login),
		}
		if before := fmt.Sprintf("person.%d@fernwood.example", n-4); n >= 4 {
			switch n % 4 {
			case 0:
				errs = append(errs, l.okta.SetName(before, "Renamed", fmt.Sprint("Number ", n)))
			case 1:
				errs = append(errs, l.okta.SetName(before, "Married", fmt.Sprint("Number ", n)))
			case 2:
				errs = append(errs, l.okta.AddMember("Leadership", before))
			}
		}
		for _, err := range errs {
			if err != nil {
				l.t.Error(err)
			}
		}
		l.changes.Add(1)
		<-time.After(200*time.Millisecond + rand.N(600*time.Millisecond))
	}
}

// breaks breaks the line to the store, for a moment or for longer than a lease.
func (l *loop) breaks() {
	for l.on() {
		<-time.After(300*time.Millisecond + rand.N(2*time.Second))
		switch rand.N(4) {
		case 0:
			l.cuts.Add(1)
			l.line.CutAll()
		case 1:
			l.cuts.Add(1)
			l.line.Rule(func([]byte) faultproxy.Fault { return faultproxy.CutBefore })
			l.line.CutAll()
			<-time.After(rand.N(2 * lease))
			l.line.Rule(nil)
		case 2:
			l.cuts.Add(1)
			l.line.Nth(1+rand.N(5), faultproxy.CutAfter)
		case 3:
			l.stalls.Add(1)
			l.line.StallAll()
			<-time.After(rand.N(2 * lease))
			l.line.Heal()
		}
	}
}

// settles lets everything work, and checks how things stand.
func (l *loop) settles(a, b *machine) {
	l.t.Helper()
	l.meet(nil)
	l.line.Rule(nil)
	l.line.Heal()
	a.run([]int{0}, patient...)
	before := l.writes()
	for _, m := range []*machine{a, b} {
		m.run([]int{0}, patient...)
		m.run([]int{0}, "plan", "--detailed-exitcode")
		m.run([]int{0}, "history", "--verify")
	}
	if n := l.writes() - before; n != 0 {
		l.t.Errorf("%d writes when there was nothing to do", n)
	}
	l.sound()
	l.oneByOne()
	l.once()
	members := map[string]bool{}
	for _, m := range l.attio.Snapshot().Members {
		if members[m.Email] {
			l.t.Errorf("%s is there twice", m.Email)
		}
		members[m.Email] = true
	}
	managed, unfinished, _, err := l.store.Read(l.t.Context())
	if err != nil || len(unfinished) > 0 {
		l.t.Errorf("%d writes are unfinished: %v", len(unfinished), err)
	}
	known := map[string]bool{}
	for _, p := range managed.People {
		known[p.Email] = true
	}
	for n := range l.changes.Load() {
		if login := fmt.Sprintf("person.%d@fernwood.example", n); !members[login] || !known[login] {
			l.t.Errorf("%s: in Attio %t, in the state %t", login, members[login], known[login])
		}
	}
}

// tell gives the numbers.
func (l *loop) tell() {
	runs, _, err := l.store.LastRuns(l.t.Context(), 1_000_000)
	if err != nil {
		l.t.Error(err)
	}
	cutOff := 0
	for _, r := range runs {
		if r.Summary == nil {
			cutOff++
		}
	}
	var codes []string
	for _, code := range slices.Sorted(maps.Keys(l.codes)) {
		codes = append(codes, fmt.Sprintf("%d: %d", code, l.codes[code]))
	}
	l.t.Logf("%d runs in the journal, %d of them taken over; ended with {%s}; %d kills, %d stops, %d cuts, %d stalls, %d writes lost on the way to Attio, %d changes in Okta, %d writes in Attio, %d mails",
		len(runs), cutOff, strings.Join(codes, ", "), l.kills.Load(), l.stops.Load(), l.cuts.Load(), l.stalls.Load(), l.lost.Load(), l.changes.Load(), l.writes(), len(l.attio.Outbox()))
}
