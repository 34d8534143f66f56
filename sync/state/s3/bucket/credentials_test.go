package bucket

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// service answers as the services of a container, of a machine and of tokens do.
func service(t *testing.T) string {
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	keys := func(w http.ResponseWriter, id string) {
		fmt.Fprintf(w, `{"AccessKeyId":%q,"SecretAccessKey":"secret-of-%s","Token":"token-of-%s","Expiration":%q}`, id, id, id, expires)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /container", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "pod-token" {
			http.Error(w, "pod-token is wanted", http.StatusForbidden)
			return
		}
		keys(w, "container")
	})
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "session") })
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/{role...}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-aws-ec2-metadata-token") != "session":
			http.Error(w, "no session", http.StatusUnauthorized)
		case r.PathValue("role") == "":
			fmt.Fprintln(w, "the-role")
		default:
			keys(w, "instance")
		}
	})
	mux.HandleFunc("POST /sts", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("RoleArn") != "arn:aws:iam::1:role/r" || r.FormValue("WebIdentityToken") != "jwt-of-the-job" {
			http.Error(w, "jwt-of-the-job is not known", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>web</AccessKeyId>`+
			`<SecretAccessKey>secret-of-web</SecretAccessKey><SessionToken>token-of-web</SessionToken><Expiration>%s</Expiration>`+
			`</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, expires)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestKeysAreFoundWhereTheyUsuallyAre: each place by itself, and the first of
// several; the secrets among them are told, so that nothing shows them.
func TestKeysAreFoundWhereTheyUsuallyAre(t *testing.T) {
	at := service(t)
	profiles := file(t, "[default]\naws_access_key_id = default\naws_secret_access_key = secret-of-default\n"+
		"[ other ]\naws_access_key_id=other\naws_secret_access_key=secret-of-other\naws_session_token = token-of-other\n")
	env := []string{"AWS_ACCESS_KEY_ID=env", "AWS_SECRET_ACCESS_KEY=secret-of-env", "AWS_SESSION_TOKEN=token-of-env"}
	profile := []string{"AWS_SHARED_CREDENTIALS_FILE=" + profiles, "AWS_PROFILE=other"}
	web := []string{"AWS_WEB_IDENTITY_TOKEN_FILE=" + file(t, "jwt-of-the-job\n"), "AWS_ROLE_ARN=arn:aws:iam::1:role/r", "AWS_ENDPOINT_URL_STS=" + at + "/sts"}
	byDefault := []string{"AWS_SHARED_CREDENTIALS_FILE=" + profiles}
	container := []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=" + at + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + file(t, "pod-token")}
	instance := []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=" + at}
	inOrder := []struct {
		id  string
		env []string
	}{{"env", env}, {"other", profile}, {"web", web}, {"default", byDefault}, {"container", container}, {"instance", instance}}
	for i, c := range inOrder {
		var learned []string
		all := slices.Clone(c.env)
		for _, later := range inOrder[i+1:] {
			for _, v := range later.env {
				name, _, _ := strings.Cut(v, "=")
				if environ(c.env).get(name) == "" && (c.id != "other" && c.id != "web" || name != "AWS_PROFILE") {
					all = append(all, v)
				}
			}
		}
		if c.id != "env" && c.id != "other" {
			all = slices.DeleteFunc(all, func(v string) bool { return strings.HasPrefix(v, "AWS_PROFILE=") })
		}
		chain := &chain{services: services{env: all, client: http.DefaultClient, region: "eu-central-1", learn: func(s ...string) { learned = append(learned, s...) }}, now: time.Now}
		v, err := chain.RetrieveWithCredContext(nil)
		if err != nil || v.AccessKeyID != c.id || v.SecretAccessKey != "secret-of-"+c.id {
			t.Fatalf("%s: got %+v, %v", c.id, v, err)
		}
		if !slices.Contains(learned, "secret-of-"+c.id) || v.SessionToken != "" && !slices.Contains(learned, "token-of-"+c.id) {
			t.Errorf("%s: it told of %q", c.id, learned)
		}
		if chain.IsExpired() {
			t.Errorf("%s: the keys count as run out", c.id)
		}
		chain.now = func() time.Time { return time.Now().Add(time.Hour) }
		if later := chain.IsExpired(); later != (v.Expiration != time.Time{}) {
			t.Errorf("%s: an hour later, run out: %v", c.id, later)
		}
	}
}

// TestNoKeysIsAnError: nothing is ever asked without a signature; and what a
// service answers is not repeated.
func TestNoKeysIsAnError(t *testing.T) {
	at := service(t)
	nowhere := "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(t.TempDir(), "none")
	for what, env := range map[string]environ{
		"nothing at all":   {nowhere, "AWS_EC2_METADATA_DISABLED=true"},
		"half of a pair":   {"AWS_ACCESS_KEY_ID=me"},
		"no such profile":  {nowhere, "AWS_PROFILE=other"},
		"a wrong token":    {"AWS_WEB_IDENTITY_TOKEN_FILE=" + file(t, "jwt-of-another"), "AWS_ROLE_ARN=arn:aws:iam::1:role/r", "AWS_ENDPOINT_URL_STS=" + at + "/sts"},
		"a role too few":   {"AWS_WEB_IDENTITY_TOKEN_FILE=" + file(t, "jwt-of-the-job")},
		"a wrong pod":      {nowhere, "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + at + "/container"},
		"a foreign host":   {nowhere, "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://keys.example/"},
		"a silent machine": {nowhere, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://192.0.2.1"},
	} {
		began := time.Now()
		_, err := (&chain{services: services{env: env, client: http.DefaultClient}, now: time.Now, place: "s3://b/p"}).RetrieveWithCredContext(nil)
		if err == nil || strings.Contains(err.Error(), "jwt-of") || strings.Contains(err.Error(), "pod-token") {
			t.Errorf("%s: got %v", what, err)
		}
		if time.Since(began) > 2*instanceTime {
			t.Errorf("%s: it took %s", what, time.Since(began))
		}
	}
}
