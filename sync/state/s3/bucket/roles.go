package bucket

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// instanceTime is how long the metadata service of a machine may take: where
// there is none, nobody answers at all.
const instanceTime = 2 * time.Second

// services give keys to who has a role.
type services struct {
	env    environ
	region string
	client *http.Client
	learn  func(...string) // told of every secret; may be nil
}

// webIdentity changes a token, of a GitHub job or a Kubernetes pod, into keys
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
// The file is read each time: it is replaced before the token runs out.
func (c *services) webIdentity(ctx context.Context) (v credentials.Value, err error) {
	role := c.env.get("AWS_ROLE_ARN")
	if role == "" {
		return v, errors.New("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not")
	}
	token, err := os.ReadFile(c.env.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
	if err != nil {
		return v, err
	}
	text := strings.TrimSpace(string(token))
	if c.learn != nil && text != "" {
		c.learn(text)
	}
	endpoint, err := c.tokenService()
	if err != nil {
		return v, err
	}
	form := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {role},
		"RoleSessionName": {cmp.Or(c.env.get("AWS_ROLE_SESSION_NAME"), "scim-sync")}, "WebIdentityToken": {text}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return v, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	raw, err := c.ask(req)
	if err != nil {
		return v, fmt.Errorf("change the web identity token into keys: %w", err)
	}
	var answer struct {
		Keys struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
			Expiration      time.Time
		} `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
	}
	if xml.Unmarshal(raw, &answer) != nil {
		return v, errors.New("change the web identity token into keys: the answer cannot be read")
	}
	k := answer.Keys
	return credentials.Value{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken, Expiration: k.Expiration}, nil
}

// tokenService is where tokens are changed into keys.
func (c *services) tokenService() (string, error) {
	if own := c.env.get("AWS_ENDPOINT_URL_STS"); own != "" {
		u, err := url.Parse(own)
		if err != nil || u.Scheme != "https" && !loopback(u.Hostname()) {
			return "", errors.New("AWS_ENDPOINT_URL_STS must be an https address")
		}
		return own, nil
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(c.region, "cn-") {
		domain += ".cn"
	}
	return "https://sts." + c.region + "." + domain, nil
}

// container asks the service beside a container: ECS, EKS Pod Identity
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
func (c *services) container(ctx context.Context) (v credentials.Value, err error) {
	address := "http://169.254.170.2" + c.env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
	if full := c.env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"); c.env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == "" {
		u, err := url.Parse(full)
		if err != nil || u.Scheme != "https" && !besideContainer(u.Hostname()) {
			return v, errors.New("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address beside the container")
		}
		address = full
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return v, err
	}
	token := c.env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := c.env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return v, err
		}
		token = strings.TrimSpace(string(raw))
	}
	if token != "" {
		req.Header.Set("Authorization", token)
		if c.learn != nil {
			c.learn(token)
		}
	}
	raw, err := c.ask(req)
	if err != nil {
		return v, fmt.Errorf("ask for the container's keys: %w", err)
	}
	return keysIn(raw)
}

// besideContainer are the hosts that the documents allow for plain http.
func besideContainer(host string) bool {
	ip := net.ParseIP(host)
	return loopback(host) || ip.Equal(net.IPv4(169, 254, 170, 2)) || ip.Equal(net.IPv4(169, 254, 170, 23)) || host == "fd00:ec2::23"
}

// instance asks the metadata service of an EC2 machine, its second version
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html).
func (c *services) instance(ctx context.Context) (v credentials.Value, err error) {
	if strings.EqualFold(c.env.get("AWS_EC2_METADATA_DISABLED"), "true") {
		return v, errors.New("AWS_EC2_METADATA_DISABLED is true")
	}
	ctx, cancel := context.WithTimeout(ctx, instanceTime)
	defer cancel()
	at := strings.TrimRight(cmp.Or(c.env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"), "http://169.254.169.254"), "/") + "/latest/"
	call := func(method, path, header, value string) (string, error) {
		req, err := http.NewRequestWithContext(ctx, method, at+path, nil)
		if err != nil {
			return "", err
		}
		req.Header.Set(header, value)
		raw, err := c.ask(req)
		if err != nil {
			err = fmt.Errorf("ask for the machine's role: %w", err)
		}
		return strings.TrimSpace(string(raw)), err
	}
	token, err := call(http.MethodPut, "api/token", "X-aws-ec2-metadata-token-ttl-seconds", "21600")
	if err != nil {
		return v, err
	}
	const roles, header = "meta-data/iam/security-credentials/", "X-aws-ec2-metadata-token"
	role, err := call(http.MethodGet, roles, header, token)
	if err != nil {
		return v, err
	}
	role, _, _ = strings.Cut(role, "\n")
	raw, err := call(http.MethodGet, roles+url.PathEscape(role), header, token)
	if err != nil {
		return v, err
	}
	return keysIn([]byte(raw))
}

// keysIn reads the answer of a container's or machine's service.
func keysIn(raw []byte) (credentials.Value, error) {
	var k struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string
		Token           string
		Expiration      time.Time
	}
	if json.Unmarshal(raw, &k) != nil { // its own words would repeat the answer
		return credentials.Value{}, errors.New("the answer with the keys cannot be read")
	}
	return credentials.Value{AccessKeyID: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.Token, Expiration: k.Expiration}, nil
}

// ask makes one request. Its errors never hold an answer's body.
func (c *services) ask(req *http.Request) ([]byte, error) {
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", req.URL.Host, resp.Status)
	}
	return raw, err
}

// cause leaves out the address that an error of net/http repeats.
func cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
