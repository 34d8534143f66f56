package e2e

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"scim-sync/attio/attiotest"
	"scim-sync/idp/okta/oktatest"
)

// BenchmarkRows drives the program itself, built as for a release, against an
// Okta and an Attio in this process, over loopback, and prints what each run
// cost. Requests, writes and answers 429 are checked; times are only shown, as
// they are the machine's as well.
//
//	go test -run '^$' -bench Rows ./cmd/e2e
//	SCIM_SYNC_ROWS=thousand,start go test -run '^$' -bench Rows ./cmd/e2e
func BenchmarkRows(b *testing.B) {
	program := build(b)
	for b.Loop() {
		for _, part := range []struct {
			name string
			run  func(*testing.B, string) []row
		}{
			{"thousand", thousand}, {"limited", limited}, {"share", share}, {"growth", growth}, {"huge", huge}, {"start", start},
			{"stores", stores25}, {"stores", stores100}, {"large", large},
		} {
			if only := os.Getenv("SCIM_SYNC_ROWS"); only == "" || slices.Contains(strings.Split(only, ","), part.name) {
				fmt.Println("\n" + table(part.run(b, program)))
			}
		}
	}
}

// row is one run of the program and what it may cost at most.
type row struct {
	name      string
	okta      seen
	attio     seen
	most      string // the bound on requests, in words
	wall      time.Duration
	cpu       time.Duration // of the program, user and system
	bound     time.Duration
	waited    string // as the program says it
	memory    int64  // peak resident, bytes
	memoryTop int64
}

// seen is what one side saw of a run.
type seen struct{ reads, writes, limited, peak int }

func (s seen) all() int { return s.reads + s.writes }

// set builds a company and serves it on loopback. Okta's times are two hours
// old.
func set(b *testing.B, program string, c company) *rig {
	b.Helper()
	if c.limits.PerWindow == nil {
		c.limits = oktatest.NoLimits()
	}
	s := &rig{b: b, program: program, folder: b.TempDir(), people: c.people}
	var err error
	s.org, err = oktatest.New(c.org(), oktatest.WithLatency(c.latency), oktatest.WithRateLimits(c.limits), oktatest.WithAged(time.Now().Add(-2*time.Hour)))
	if err != nil {
		b.Fatal(err)
	}
	s.site, err = attiotest.New(c.site(), attiotest.WithLatency(c.latency), attiotest.WithRateLimits(0, c.writes))
	if err != nil {
		b.Fatal(err)
	}
	s.okta, s.attio = &meter{next: s.org}, &meter{next: s.site}
	s.oktaT, s.siteT = serve(b, s.okta), serve(b, s.attio)
	writes := int(math.Round(c.writes))
	if writes == 0 {
		writes = 1000
	}
	s.environment = []string{
		"HOME=" + s.folder, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1",
		"SCIM_SYNC_OKTA_ORG_URL=" + s.oktaT.URL, "SCIM_SYNC_OKTA_APP_ID=" + s.org.AppID(), "SCIM_SYNC_OKTA_API_TOKEN=bench-okta",
		"SCIM_SYNC_ATTIO_WORKSPACE=acme", "SCIM_SYNC_ATTIO_API_URL=" + s.siteT.URL, "SCIM_SYNC_ATTIO_SCIM_URL=" + s.siteT.URL + "/scim/v2",
		"SCIM_SYNC_ATTIO_TOKEN=bench-attio", "SCIM_SYNC_ATTIO_READS_PER_SECOND=1000", fmt.Sprintf("SCIM_SYNC_ATTIO_WRITES_PER_SECOND=%d", writes),
		"SCIM_SYNC_TEAMS_SAME_NAME=link",
	}
	s.close = func() {
		s.oktaT.Close()
		s.siteT.Close()
		runtime.GC()
	}
	return s
}

func serve(b *testing.B, h http.Handler) *httptest.Server {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	s.Start()
	return s
}

var waiting = regexp.MustCompile(`(okta|attio) [\d,]+ \(([^)]*)\)`)

// run runs the program once and says what that cost. It must end with code 0
// and say what is wanted.
func (s *rig) run(name string, bound time.Duration, want string, args ...string) row {
	s.b.Helper()
	s.okta.take()
	s.attio.take()
	m := measure(s.b, s.program, s.environment, s.folder, args)
	if m.Exit != 0 || !strings.Contains(m.Stdout+m.Stderr, want) {
		s.b.Errorf("%s: %v ended with %d and did not say %q:\n%s\n%s", name, args, m.Exit, want, tail(m.Stdout), tail(m.Stderr))
	}
	r := row{name: name, okta: s.okta.take(), attio: s.attio.take(), wall: m.Wall, cpu: m.CPU, bound: bound, memory: m.Memory, waited: "–"}
	var waits []string
	for _, side := range waiting.FindAllStringSubmatch(m.Stdout, -1) {
		if _, w, ok := strings.Cut(side[2], "waited "); ok {
			waits = append(waits, side[1]+" "+w)
		}
	}
	if len(waits) > 0 {
		r.waited = strings.Join(waits, ", ")
	}
	if r.okta.limited+r.attio.limited > 0 {
		s.b.Errorf("%s: %d answers 429", name, r.okta.limited+r.attio.limited)
	}
	return r
}

// within checks the number of writes and of all requests.
func (s *rig) within(r *row, writes, requests int) {
	s.b.Helper()
	r.most = fmt.Sprintf("%d, %d writes", requests, writes)
	if r.attio.writes > writes {
		s.b.Errorf("%s: %d writes, at most %d", r.name, r.attio.writes, writes)
	}
	if n := r.okta.all() + r.attio.all(); n > requests {
		s.b.Errorf("%s: %d requests, at most %d", r.name, n, requests)
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

// thousand is a company of 1,000 people through its first days.
func thousand(b *testing.B, program string) []row {
	c := company{people: 1000, teams: 50, memberships: 5000, latency: 20 * time.Millisecond}
	s := set(b, program, c)
	defer s.close()
	floor := 1 + 2 + 1 + 50 // Okta: app, people, groups, members
	first := s.run("first sync", 3500*time.Millisecond, "Done: ", "apply", "--yes", "--first-run")
	s.within(&first, 1050, 1050+1050+floor+4+5) // whatever was made is read by its id
	full := s.run("nothing changed, full", 600*time.Millisecond, "Nothing to do", "apply", "--yes", "--full")
	s.within(&full, 0, floor+1+1+11+1+2)
	quiet := s.run("nothing changed", 400*time.Millisecond, "Nothing to do", "apply", "--yes")
	s.within(&quiet, 0, 24)

	hand := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := range 4 {
		hand(s.org.SetName(c.login(10+i), "Renamed", "Person"))
	}
	for i := range 3 {
		login := fmt.Sprintf("new%d@acme.example", i)
		hand(s.org.AddUser(oktatest.User{Login: login, FirstName: "New", LastName: "Person"}))
		hand(s.org.Assign(login, "member"))
		hand(s.org.SetStatus(c.login(900+i), "DEPROVISIONED"))
	}
	for i := range 25 {
		hand(s.org.RemoveMember(c.team(i), c.members(i)[5]))
		hand(s.org.AddMember(c.team(i+25), c.members(i)[5]))
	}
	changed := s.run("1 % changed in Okta", time.Second, "Done: ", "apply", "--yes")
	// 25 groups lose somebody, and are read once more; so are the app and its sight.
	s.within(&changed, 4+3+3+50, 24+4+3+3+50+50+4+25+2)
	for i := range 20 {
		hand(s.site.RemoveTeamMember(c.team(i), c.members(i)[40]))
	}
	drift := s.run("20 memberships removed by hand", 800*time.Millisecond, "memberships: 20 added", "apply", "--yes")
	s.within(&drift, 20, 24+20+50)
	return []row{first, full, quiet, changed, drift}
}

// limited is the same first sync with Attio's own limit of writes.
func limited(b *testing.B, program string) []row {
	s := set(b, program, company{people: 1000, teams: 50, memberships: 5000, latency: 20 * time.Millisecond, writes: 25})
	defer s.close()
	r := s.run("first sync, 25 writes a second", 0, "Done: ", "apply", "--yes", "--first-run")
	s.within(&r, 1050, 1050+1050+54+4+5)
	r.bound = time.Duration(1.05 * float64(r.attio.writes) / 25 * float64(time.Second))
	return []row{r}
}

// share is a large company in an org with small limits.
func share(b *testing.B, program string) []row {
	const limit, window = 50, 5 * time.Second
	s := set(b, program, company{people: 10_000, teams: 200, memberships: 30_000, latency: 20 * time.Millisecond,
		limits: oktatest.Limits{Window: window, PerWindow: map[oktatest.Bucket]int{oktatest.BucketApps: limit, oktatest.BucketGroups: limit}}})
	defer s.close()
	r := s.run("10,000 people, 50 requests in 5 s", 0, "Plan: ", "plan")
	ours := limit * 3 / 4
	windows := 0
	for bucket, load := range s.org.Loads() {
		if bucket != oktatest.BucketApps && bucket != oktatest.BucketGroups {
			continue
		}
		windows = max(windows, (load.Requests+ours-1)/ours-1)
		if load.Busiest > ours {
			b.Errorf("%s: %d requests in one window, our share is %d", bucket, load.Busiest, ours)
		}
		r.most = strings.TrimPrefix(fmt.Sprintf("%s; %d in a window of %s", r.most, load.Busiest, bucket), "; ")
	}
	r.bound = time.Duration(1.1 * float64(windows) * float64(window))
	return []row{r}
}

// growth is a plan of companies of different sizes, nothing changed.
func growth(b *testing.B, program string) (rows []row) {
	for _, n := range []int{100, 1000, 10_000} {
		s := set(b, program, company{people: n, teams: max(n/50, 2), memberships: 10 * n, full: true, latency: 20 * time.Millisecond})
		rows = append(rows, s.run(fmt.Sprintf("plan, %d people in Attio already", n), 0, "Plan: ", "plan"))
		s.close()
	}
	return rows
}

// huge is a plan of 100,000 people.
func huge(b *testing.B, program string) (rows []row) {
	for _, full := range []bool{false, true} {
		name := "plan, 100,000 people, Attio empty"
		if full {
			name = "plan, 100,000 people, Attio full"
		}
		s := set(b, program, company{people: 100_000, teams: 2000, memberships: 1_000_000, full: full})
		r := s.run(name, 15*time.Second, "Plan: ", "plan")
		r.memoryTop = 400 << 20
		rows = append(rows, r)
		s.close()
	}
	return rows
}

// start is what the program costs before it does anything.
func start(b *testing.B, program string) []row {
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	if info.Size() > 30<<20 {
		b.Errorf("the program has %d bytes", info.Size())
	}
	var walls []time.Duration
	var m measured
	for range 41 {
		m = measure(b, program, []string{"HOME=" + b.TempDir(), "NO_COLOR=1"}, b.TempDir(), []string{"--help"})
		walls = append(walls, m.Wall)
	}
	slices.Sort(walls)
	return []row{{name: fmt.Sprintf("--help, median of 41 (program: %.1f MiB)", float64(info.Size())/(1<<20)),
		wall: walls[20], cpu: m.CPU, bound: 10 * time.Millisecond, memory: m.Memory, waited: "–"}}
}

func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| work\t| Okta\t| Attio (writes)\t| at most\t| peak in flight, Okta, Attio\t| wall\t| at most\t| CPU\t| waited\t| memory |")
	fmt.Fprintln(w, "| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| ---\t| --- |")
	for _, r := range rows {
		bound := "–"
		if r.bound > 0 {
			bound = seconds(r.bound)
			if r.wall > r.bound {
				bound += " OVER"
			}
		}
		memory := fmt.Sprintf("%d MiB", r.memory>>20)
		if r.memoryTop > 0 {
			memory += fmt.Sprintf(" of %d", r.memoryTop>>20)
			if r.memory > r.memoryTop {
				memory += " OVER"
			}
		}
		fmt.Fprintf(w, "| %s\t| %d\t| %d (%d)\t| %s\t| %d, %d\t| %s\t| %s\t| %s\t| %s\t| %s |\n", r.name, r.okta.all(), r.attio.all(), r.attio.writes,
			r.most, r.okta.peak, r.attio.peak, seconds(r.wall), bound, seconds(r.cpu), r.waited, memory)
	}
	w.Flush()
	return b.String()
}

func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
