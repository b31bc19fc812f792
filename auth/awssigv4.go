package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// awsSigV4 signs requests as the services of AWS want it (Signature Version 4).
type awsSigV4 struct {
	block
	in       string // header or query
	unsigned bool   // the body is not part of the signature; S3 allows that
	expires  time.Duration
}

const (
	awsAlgorithm = "AWS4-HMAC-SHA256"
	awsUnsigned  = "UNSIGNED-PAYLOAD"
	awsTime      = "20060102T150405Z"
	awsLongest   = 7 * 24 * time.Hour // that a signature in the query may last
)

func awsKeys() []textKey {
	return []textKey{
		{name: "access_key", needed: true}, {name: "secret_key", needed: true, secret: true}, {name: "session_token", secret: true},
		{name: "region"}, {name: "service"},
	}
}

func readAWSSigV4(n source.Node) Authorizer {
	a := &awsSigV4{in: "header", expires: 24 * time.Hour}
	a.block = readBlock(n, "aws_sigv4", awsKeys(), source.Keys{
		"in": source.OneOf(&a.in, "header", "query"), "unsigned_payload": source.Bool(&a.unsigned), "expires": a.readExpires,
	})
	if n.IsMap() && n.Has("expires") && a.in == "header" {
		n.Errorf("expires has no use with in: header: such a signature lasts 5 minutes; add in: query, or remove it")
	}
	return a
}

func (a *awsSigV4) readExpires(n source.Node) {
	source.Duration(&a.expires)(n)
	if a.expires < time.Second || a.expires > awsLongest {
		n.Errorf("got %s, want from 1s to %s: AWS takes no signature in the query that lasts longer", a.expires, awsLongest)
		a.expires = time.Hour
	}
}

// awsSigning is one signature on its way.
type awsSigning struct {
	values
	req     *wire.Request
	url     *url.URL
	now     string // 20150830T123600Z
	region  string
	service string
	payload string // the hash of the body, or UNSIGNED-PAYLOAD
}

func (a *awsSigV4) Authorize(_ context.Context, req *wire.Request, s Session) error {
	v, err := a.expand(s.Scope)
	if err != nil {
		return err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return a.pos.Errorf("not a URL: %q", req.URL)
	}
	if err := a.room(req, u); err != nil {
		return err
	}
	if err := v.printable("access_key", "secret_key", "session_token", "region", "service"); err != nil {
		return err
	}
	region, service := awsPlace(u.Hostname())
	x := &awsSigning{values: v, req: req, url: u, now: time.Now().UTC().Format(awsTime), region: v.or("region", region), service: v.or("service", service)}
	x.payload = awsUnsigned
	if !a.unsigned && (a.in == "header" || !x.s3()) {
		x.payload = hexHash(req.Body)
	}
	if a.in == "query" {
		x.signQuery(a.expires, s.Scope)
		return nil
	}
	x.signHeader(a.unsigned)
	return nil
}

func (a *awsSigV4) room(req *wire.Request, u *url.URL) error {
	if err := vacant(req, a.pos, a.kind); err != nil {
		return err
	}
	if a.in == "query" {
		if slices.ContainsFunc(formPairs(u.RawQuery), func(p pair) bool { return p.name == "X-Amz-Signature" }) {
			return a.pos.Errorf("the URL has an X-Amz-Signature of its own, and auth: aws_sigv4 would write another; remove it, or give the request auth: none")
		}
		return nil
	}
	return a.free(req, "X-Amz-Date", "X-Amz-Security-Token")
}

// awsPlace reads region and service from a host such as id.execute-api.eu-west-1.amazonaws.com. What it cannot tell is what API
// Gateway in the first region has.
func awsPlace(host string) (region, service string) {
	region, service = "us-east-1", "execute-api"
	rest, ok := strings.CutSuffix(strings.TrimSuffix(strings.ToLower(host), ".cn"), ".amazonaws.com")
	if !ok {
		return region, service
	}
	labels := strings.Split(rest, ".")
	last := labels[len(labels)-1]
	if isRegion(last) && len(labels) > 1 {
		return last, labels[len(labels)-2]
	}
	return region, last
}

// isRegion recognises eu-west-1 and us-gov-east-1.
func isRegion(label string) bool {
	parts := strings.Split(label, "-")
	last := parts[len(parts)-1]
	return len(parts) >= 3 && len(parts[0]) == 2 && len(last) == 1 && last[0] >= '1' && last[0] <= '9'
}

func (x *awsSigning) s3() bool {
	return x.service == "s3" || strings.HasPrefix(x.service, "s3-") || x.service == "s3express"
}

func (x *awsSigning) scope() string {
	return x.now[:8] + "/" + x.region + "/" + x.service + "/aws4_request"
}

func (x *awsSigning) signHeader(unsigned bool) {
	setHeader(x.req, "X-Amz-Date", x.now)
	if token := x.text("session_token"); token != "" {
		setHeader(x.req, "X-Amz-Security-Token", token)
	}
	if x.s3() || unsigned {
		if own := x.req.Header.Get("X-Amz-Content-Sha256"); own != "" {
			x.payload = own // STREAMING-… and the like are for the author to say
		} else {
			setHeader(x.req, "X-Amz-Content-Sha256", x.payload)
		}
	}
	names, headers := x.headers()
	signature := x.signature(x.canonical(formPairs(x.url.RawQuery), headers, names))
	setHeader(x.req, "Authorization", awsAlgorithm+" Credential="+x.text("access_key")+"/"+x.scope()+", SignedHeaders="+names+", Signature="+signature)
}

// signQuery makes a URL that opens what it names for whoever has it, so that its signature is hidden.
func (x *awsSigning) signQuery(expires time.Duration, s *vars.Scope) {
	names, headers := x.headers()
	more := []pair{
		{"X-Amz-Algorithm", awsAlgorithm}, {"X-Amz-Credential", x.text("access_key") + "/" + x.scope()}, {"X-Amz-Date", x.now},
		{"X-Amz-Expires", strconv.Itoa(int(expires / time.Second))}, {"X-Amz-SignedHeaders", names},
	}
	if token := x.text("session_token"); token != "" {
		more = append(more, pair{"X-Amz-Security-Token", token})
	}
	signature := x.signature(x.canonical(append(formPairs(x.url.RawQuery), more...), headers, names))
	s.Hide("signature", signature)
	var list []string
	for _, p := range append(more, pair{"X-Amz-Signature", signature}) {
		list = append(list, percent(p.name)+"="+percent(p.value))
	}
	x.req.URL = withQuery(x.req.URL, strings.Join(list, "&"))
}

// headers returns those that are signed: all but what proxies and clients change on the way.
func (x *awsSigning) headers() (names, canonical string) {
	left := []string{"authorization", "user-agent", "expect", "transfer-encoding", "connection", "cookie", "accept-encoding", "content-length", "x-amzn-trace-id"}
	host := x.url.Host
	if own := x.req.Header.Get("Host"); own != "" {
		host = own
	}
	lines := map[string]string{"host": strings.ToLower(awsHost(host, x.url.Scheme))}
	for name, all := range x.req.Header {
		name = strings.ToLower(name)
		if name == "host" || slices.Contains(left, name) {
			continue
		}
		list := make([]string, len(all))
		for i, value := range all {
			list[i] = strings.Join(strings.Fields(value), " ")
		}
		lines[name] = strings.Join(list, ",")
	}
	var list []string
	for name := range lines {
		list = append(list, name)
	}
	slices.Sort(list)
	var b strings.Builder
	for _, name := range list {
		b.WriteString(name + ":" + lines[name] + "\n")
	}
	return strings.Join(list, ";"), b.String()
}

// awsHost leaves out the port that goes without saying.
func awsHost(host, scheme string) string {
	if scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

// canonical is the request as it is hashed.
func (x *awsSigning) canonical(query []pair, headers, names string) string {
	list := make([]string, len(query))
	for i, p := range query {
		query[i] = pair{percent(p.name), percent(p.value)}
	}
	slices.SortFunc(query, func(a, b pair) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	for i, p := range query {
		list[i] = p.name + "=" + p.value
	}
	return strings.Join([]string{x.req.Method, x.path(), strings.Join(list, "&"), headers, names, x.payload}, "\n")
}

// path is escaped once more than it is sent, and without its dots and double slashes; S3 takes it as it is sent.
func (x *awsSigning) path() string {
	steps := strings.Split(x.url.EscapedPath(), "/")
	if !x.s3() {
		steps = withoutDots(steps)
	}
	for i, step := range steps {
		if plain, err := url.PathUnescape(step); err == nil {
			step = percent(plain)
		}
		if !x.s3() {
			step = percent(step)
		}
		steps[i] = step
	}
	if path := strings.Join(steps, "/"); path != "" {
		return path
	}
	return "/"
}

// withoutDots resolves . and .. (RFC 3986, section 5.2.4) and joins slashes. The last slash stays.
func withoutDots(steps []string) []string {
	out := []string{""}
	for i, step := range steps {
		switch step {
		case "..":
			out = out[:max(len(out)-1, 1)]
		case "", ".":
		default:
			out = append(out, step)
			continue
		}
		if i == len(steps)-1 {
			out = append(out, "")
		}
	}
	return out
}

// signature signs a canonical request with a key that is good for a day, a region and a service.
func (x *awsSigning) signature(canonical string) string {
	key := []byte("AWS4" + x.text("secret_key"))
	for _, step := range []string{x.now[:8], x.region, x.service, "aws4_request"} {
		key = hmacSHA256(key, step)
	}
	return hex.EncodeToString(hmacSHA256(key, awsAlgorithm+"\n"+x.now+"\n"+x.scope()+"\n"+hexHash([]byte(canonical))))
}

func hexHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text)) // a hash never fails
	return mac.Sum(nil)
}
