package auth_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

// at runs a test at a moment of the past, in a bubble whose clock can be set.
func at(t *testing.T, moment string, f func(*testing.T)) {
	t.Helper()
	when, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(when))
		f(t)
	})
}

// Requests and signatures of the test suite that AWS publishes for Signature Version 4.
func TestAWSSignsAsTheTestSuiteOfAWS(t *testing.T) {
	t.Parallel()
	const yaml = `aws_sigv4: {access_key: AKIDEXAMPLE, secret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY, region: us-east-1, service: service}`
	for _, c := range []struct {
		name  string
		req   wire.Request
		names string
		want  string
	}{
		{"get-vanilla", wire.Request{Method: "GET", URL: "https://example.amazonaws.com/"}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"without a path", wire.Request{Method: "GET", URL: "https://example.amazonaws.com"}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slash", wire.Request{Method: "GET", URL: "https://example.amazonaws.com//"}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slash-dot-slash", wire.Request{Method: "GET", URL: "https://example.amazonaws.com/./"}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-relative", wire.Request{Method: "GET", URL: "https://example.amazonaws.com/example/.."}, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-query-order-key-case", wire.Request{Method: "GET", URL: "https://example.amazonaws.com/?Param2=value2&Param1=value1"}, "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-utf8-query", wire.Request{Method: "GET", URL: "https://example.amazonaws.com/?%E1%88%B4=bar"}, "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"post-x-www-form-urlencoded", wire.Request{Method: "POST", URL: "https://example.amazonaws.com/", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("Param1=value1")},
			"content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at(t, "2015-08-30T12:36:00Z", func(t *testing.T) {
				if err := read(t, yaml).Authorize(t.Context(), &c.req, session(nil)); err != nil {
					t.Fatal(err)
				}
				same(t, "date", c.req.Header.Get("X-Amz-Date"), "20150830T123600Z")
				same(t, "header", c.req.Header.Get("Authorization"),
					"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="+c.names+", Signature="+c.want)
			})
		})
	}
}

// The examples of the Amazon S3 API reference, "Signature Calculations".
func TestAWSSignsAsTheExamplesOfS3(t *testing.T) {
	t.Parallel()
	const yaml = `aws_sigv4: {access_key: AKIAIOSFODNN7EXAMPLE, secret_key: "{{secret}}"%s}`
	const host = "https://examplebucket.s3.amazonaws.com"
	for _, c := range []struct {
		name, more string
		req        wire.Request
		want       string
	}{
		{"get an object", "", wire.Request{Method: "GET", URL: host + "/test.txt", Header: http.Header{"Range": {"bytes=0-9"}}}, "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{"put an object", "", wire.Request{Method: "PUT", URL: host + "/test%24file.text", Header: http.Header{"Date": {"Fri, 24 May 2013 00:00:00 GMT"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}}, Body: []byte("Welcome to Amazon S3.")},
			"SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{"get the lifecycle", "", wire.Request{Method: "GET", URL: host + "/?lifecycle"}, "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{"list objects", "", wire.Request{Method: "GET", URL: host + "/?max-keys=2&prefix=J"}, "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
		{"in the query", ", in: query", wire.Request{Method: "GET", URL: host + "/test.txt"},
			"GET " + host + "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at(t, "2013-05-24T00:00:00Z", func(t *testing.T) {
				s := session(nil, "secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
				if err := read(t, fmt.Sprintf(yaml, c.more)).Authorize(t.Context(), &c.req, s); err != nil {
					t.Fatal(err)
				}
				if got := dump(c.req); !strings.Contains(got, c.want+"\n") {
					t.Errorf("got %s, want in it %s", got, c.want)
				}
			})
		})
	}
}

func TestAWSReadsRegionAndServiceFromTheHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"abc123.execute-api.eu-central-1.amazonaws.com": "eu-central-1/execute-api",
		"dynamodb.us-gov-west-1.amazonaws.com":          "us-gov-west-1/dynamodb",
		"bucket.s3.eu-west-3.amazonaws.com":             "eu-west-3/s3",
		"bucket.s3.amazonaws.com":                       "us-east-1/s3",
		"sqs.cn-north-1.amazonaws.com.cn":               "cn-north-1/sqs",
		"iam.amazonaws.com":                             "us-east-1/iam",
		"api.example.com":                               "us-east-1/execute-api",
	} {
		req := &wire.Request{Method: "GET", URL: "https://" + host + "/a"}
		if err := read(t, `aws_sigv4: {access_key: a, secret_key: hush}`).Authorize(t.Context(), req, session(nil)); err != nil {
			t.Fatal(err)
		}
		if got := req.Header.Get("Authorization"); !strings.Contains(got, "/"+want+"/aws4_request,") {
			t.Errorf("%s: got %s, want %s in it", host, got, want)
		}
	}
}

func TestAWSSendsASessionTokenAndSignsIt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"header": "X-Amz-Security-Token: tok/en==\n", "query": "&X-Amz-Security-Token=tok%2Fen%3D%3D&"} {
		s, req := session(nil, "t", "tok/en=="), &wire.Request{Method: "GET", URL: "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"}
		if err := read(t, `aws_sigv4: {access_key: a, secret_key: hush, session_token: "{{t}}", in: `+in+`}`).Authorize(t.Context(), req, s); err != nil {
			t.Fatal(err)
		}
		if got := dump(*req); !strings.Contains(got, want) || in == "header" && !strings.Contains(got, "SignedHeaders=host;x-amz-date;x-amz-security-token") {
			t.Errorf("got %s, want %s in it", got, want)
		}
		if shown := s.Scope.Redact(dump(*req)); strings.Contains(shown, "tok/en") || strings.Contains(shown, "tok%2Fen") {
			t.Errorf("the token is shown: %s", shown)
		}
	}
}

func TestAWSSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		`aws_sigv4: {access_key: a}`:                                          `a.yaml:1:12: aws_sigv4 needs secret_key; add secret_key: "{{secret_key}}"`,
		`aws_sigv4: {access_key: a, secret_key: b, expires: 5m}`:              `a.yaml:1:12: expires has no use with in: header: such a signature lasts 5 minutes; add in: query, or remove it`,
		`aws_sigv4: {access_key: a, secret_key: b, expires: 200h, in: query}`: `a.yaml:1:52: got 200h0m0s, want from 1s to 168h0m0s: AWS takes no signature in the query that lasts longer`,
		`aws_sigv4: {access_key: a, secret_key: b, secretkey: c}`:             `a.yaml:1:43: unknown key "secretkey"; did you mean "secret_key"?`,
	} {
		_, err := parse(yaml)
		same(t, yaml, fmt.Sprint(err), want)
	}
	taken := request()
	taken.Header.Set("X-Amz-Date", "20150830T123600Z")
	same(t, "date", refused(t, read(t, `aws_sigv4: {access_key: a, secret_key: b}`), session(nil), taken),
		"a.yaml:1:12: the request has the header X-Amz-Date of its own, and auth: aws_sigv4 would write another; remove it, or give the request auth: none")
	same(t, "line break", refused(t, read(t, `aws_sigv4: {access_key: a, secret_key: "{{s}}"}`), session(nil, "s", "hush\n"), request()),
		"a.yaml:1:40: secret_key has a line break or another control character; trim it: {{name | trim}}")
}
