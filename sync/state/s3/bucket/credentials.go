package bucket

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"scim-sync/sync/state"
)

// NoKeysError says that nothing gave keys for the bucket.
type NoKeysError struct {
	Place string
	Err   error // why the last that was asked gave none
}

func (e *NoKeysError) Error() string {
	return fmt.Sprintf("%s: there are no keys to ask it with: neither AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, a profile, "+
		"AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, nor a role of the container or machine (%v)", e.Place, e.Err)
}

func (e *NoKeysError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *NoKeysError) Hint() string {
	return "Give the keys in the environment, name a profile in AWS_PROFILE, or give the job or machine a role. Requests without keys are never sent."
}

// As makes it what the state's other stores have for it.
func (e *NoKeysError) As(target any) bool {
	to, ok := target.(**state.RefusedError)
	if ok {
		*to = &state.RefusedError{Place: e.Place, Why: "there are no keys to ask it with", WayOn: e.Hint()}
	}
	return ok
}

// chain finds keys where they usually are. It asks nothing of the process's own
// environment, and nothing twice before the keys that it found run out.
type chain struct {
	services
	place string
	now   func() time.Time

	expires time.Time
	asked   bool
}

// margin before keys run out: a request that is signed now arrives in time.
const keysMargin = time.Minute

// IsExpired is called by the client before each request.
func (c *chain) IsExpired() bool {
	return !c.asked || !c.expires.IsZero() && c.now().After(c.expires.Add(-keysMargin))
}

// Retrieve is as RetrieveWithCredContext.
func (c *chain) Retrieve() (credentials.Value, error) { return c.RetrieveWithCredContext(nil) }

// RetrieveWithCredContext asks the first place that has been set up.
func (c *chain) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	ctx := context.Background()
	if cc != nil && cc.Context != nil {
		ctx = cc.Context
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	v, err := c.find(ctx)
	if err == nil && (v.AccessKeyID == "" || v.SecretAccessKey == "") {
		err = errors.New("what was found is empty")
	}
	if err != nil {
		return credentials.Value{}, &NoKeysError{c.place, err}
	}
	if c.learn != nil {
		c.learn(v.SecretAccessKey)
		if v.SessionToken != "" {
			c.learn(v.SessionToken)
		}
	}
	c.expires, c.asked = v.Expiration, true
	v.SignerType = credentials.SignatureV4
	return v, nil
}

func (c *chain) find(ctx context.Context) (credentials.Value, error) {
	switch {
	case c.env.get("AWS_ACCESS_KEY_ID") != "":
		return credentials.Value{AccessKeyID: c.env.get("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: c.env.get("AWS_SECRET_ACCESS_KEY"), SessionToken: c.env.get("AWS_SESSION_TOKEN")}, nil
	case c.env.get("AWS_PROFILE") != "":
		return c.profile(c.env.get("AWS_PROFILE"))
	case c.env.get("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		return c.webIdentity(ctx)
	}
	if v, err := c.profile("default"); err == nil {
		return v, nil
	}
	if c.env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || c.env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		return c.container(ctx)
	}
	return c.instance(ctx)
}

// profile reads the shared file.
func (c *chain) profile(name string) (credentials.Value, error) {
	file := c.env.get("AWS_SHARED_CREDENTIALS_FILE")
	if file == "" {
		home := c.env.get("HOME")
		if home == "" {
			home = c.env.get("USERPROFILE")
		}
		if home == "" {
			return credentials.Value{}, errors.New("there is no home folder to look for a profile in")
		}
		file = filepath.Join(home, ".aws", "credentials")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return credentials.Value{}, err
	}
	v := profileIn(string(text), name)
	if v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return v, fmt.Errorf("the profile %q in %s has no aws_access_key_id with aws_secret_access_key", name, file)
	}
	return v, nil
}

// profileIn reads a profile of the shared file's text
// (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html).
func profileIn(text, name string) (v credentials.Value) {
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if section, ok := strings.CutPrefix(line, "["); ok {
			section, _, _ = strings.Cut(section, "]")
			in = strings.TrimSpace(section) == name
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !in || !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "aws_access_key_id":
			v.AccessKeyID = value
		case "aws_secret_access_key":
			v.SecretAccessKey = value
		case "aws_session_token":
			v.SessionToken = value
		}
	}
	return v
}
