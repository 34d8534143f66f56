package auth

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
)

// Consent is a request for access to one workspace, to be confirmed by a
// person in the browser: the authorization code flow with state and PKCE
// (RFC 6749 section 4.1, RFC 7636). Attio documents no PKCE and may ignore it;
// nothing here depends on it.
type Consent struct {
	Client
	// AuthorizeURL is the consent page.
	AuthorizeURL string
	// RedirectURL is where the browser comes back to, letter by letter as the
	// app has it. It is listened at when it is an http address of this machine.
	RedirectURL string
	// Wait is how long the person may take: 10 min.
	Wait time.Duration
	// PasteOnly: RedirectURL need not be on this machine, nor its port free,
	// since the address that the browser was sent to will be handed in by
	// [SignIn.Paste].
	PasteOnly bool
	// Listen opens a port; nil: net.ListenConfig.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

const usualWait = 10 * time.Minute

// SignIn is one sign-in under way.
type SignIn struct {
	consent  Consent
	oauth    oauth2.Config
	state    string
	verifier string
	path     string // of the redirect address

	server  *http.Server  // nil: nothing is listened at
	deaf    error         // why not
	mute    chan struct{} // closed when nothing will be pasted
	answers chan answer   // the first one that comes; there is no second
	taken   atomic.Bool
	reply   chan Page // to the browser that brought the answer; nil without one
}

// Begin opens the port and is then ready for the browser. Errors:
// *SettingError, *BusyError. Close must be called in the end.
func (c Consent) Begin(ctx context.Context) (*SignIn, error) {
	back, err := redirectOf(c.RedirectURL)
	if err != nil {
		return nil, err
	}
	if c.Wait <= 0 {
		c.Wait = usualWait
	}
	s := &SignIn{
		consent: c, oauth: c.config(), path: back.path,
		// 130 bits of chance each (https://pkg.go.dev/crypto/rand#Text).
		state: rand.Text(), verifier: oauth2.GenerateVerifier(),
		answers: make(chan answer, 1), mute: make(chan struct{}),
	}
	s.oauth.Endpoint.AuthURL, s.oauth.RedirectURL = c.AuthorizeURL, c.RedirectURL
	listeners, err := back.listen(ctx, c.RedirectURL, c.Listen)
	if err != nil && c.PasteOnly {
		s.deaf = err
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		// What a client does wrong is no concern, and would hold its address.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	for _, l := range listeners {
		go func() { _ = s.server.Serve(l) }() // ends with Close
	}
	return s, nil
}

// Address is the page to open. It holds the state and the PKCE challenge, and
// no secret.
func (s *SignIn) Address() string {
	return s.oauth.AuthCodeURL(s.state, oauth2.S256ChallengeOption(s.verifier))
}

// Patience is how long [SignIn.Token] waits, in words.
func (s *SignIn) Patience() string { return inWords(s.consent.Wait) }

// Deaf says why the browser cannot come back to this program by itself, so that
// its address has to be pasted: *SettingError or *BusyError; nil when it can.
func (s *SignIn) Deaf() error { return s.deaf }

// NothingToPaste says that [SignIn.Paste] will not be called any more. It ends
// a sign-in to which nothing else can come. Only the first call counts.
func (s *SignIn) NothingToPaste() {
	if s.deaf != nil && s.taken.CompareAndSwap(false, true) {
		close(s.mute)
	}
}

// Token waits for the browser, or for Paste, and changes the code that it
// brings for a token. Errors: *attio.Error, that of ctx, or that of Deaf.
func (s *SignIn) Token(ctx context.Context) (Token, error) {
	late := time.NewTimer(s.consent.Wait)
	defer late.Stop()
	select {
	case a := <-s.answers:
		s.reply = a.reply
		code, err := codeOf(a.query)
		if err != nil {
			return Token{}, err
		}
		return s.consent.redeem(ctx, &s.oauth, code, s.verifier)
	case <-ctx.Done():
		return Token{}, context.Cause(ctx)
	case <-s.mute:
		return Token{}, s.deaf
	case <-late.C:
		return Token{}, notSignedIn("nobody confirmed in the browser within "+inWords(s.consent.Wait),
			"Run scim-sync login again. On a machine without a browser: scim-sync login --no-browser")
	}
}

// Show tells the browser how it ended. Only the first call counts.
func (s *SignIn) Show(p Page) {
	if s.reply != nil {
		s.reply <- p
		s.reply = nil
	}
}

// closing is how long Close waits for the last page to be on its way.
const closing = 3 * time.Second

// Close ends the listening, after a last page has gone out.
func (s *SignIn) Close() {
	if s.server == nil {
		return
	}
	select {
	case a := <-s.answers: // came too late to be looked at
		s.reply = a.reply
	default:
	}
	s.Show(Page{Title: "Not signed in", Text: "scim-sync has stopped before the sign-in was done. You can close this page."})
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
}

func inWords(d time.Duration) string {
	if d%time.Minute == 0 && d >= 2*time.Minute {
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}
