package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func benchWith(t *testing.T, switches Switches) bench {
	t.Helper()
	return benchOn(t, New(Options{Switches: switches}), "sandbox")
}

func TestPagesAreLinkedByCursorsThatExpire(t *testing.T) {
	t.Parallel()
	b := benchWith(t, Switches{Cursor: true})
	token := b.token("")
	read := func(address string) reply { return b.send("GET", address, "", "Authorization", "Bearer "+token) }
	seen := map[string]bool{}
	first := b.vars["fhir_url"] + "/Observation?_count=30&code=8867-4"
	for next := first; next != ""; {
		page := read(next).found(t)
		if page.Total != 45 {
			t.Fatalf("%s: got a total of %d, want 45", next, page.Total)
		}
		for _, e := range page.Entry {
			seen[e.FullURL] = true
		}
		next = page.link("next")
		if strings.Contains(next, "_offset") || next != "" && !strings.Contains(next, "?_cursor=") {
			t.Fatalf("got the link %s", next)
		}
	}
	if len(seen) != 45 {
		t.Errorf("got %d observations, want 45", len(seen))
	}
	page := read(first).found(t)
	next := page.link("next")
	if at := page.link("first"); at != b.vars["fhir_url"]+"/Observation?code=8867-4&_count=30" || page.link("self") != at {
		t.Errorf("got %v", page.Link)
	}
	read(next+"A").is(t, 400, "", WrongParameter)
	read(strings.Replace(next, "/Observation", "/Patient", 1)).is(t, 400, "", WrongParameter)
	production := benchOn(t, b.sandbox, "production")
	production.send("GET", strings.Replace(next, b.vars["fhir_url"], production.vars["fhir_url"], 1), "",
		"Authorization", "Bearer "+production.token("")).is(t, 400, "", WrongParameter)
	everything := read(b.vars["fhir_url"] + "/Patient/1001/$everything?_count=3").found(t)
	if rest := read(everything.link("next")).found(t); len(rest.Entry) != 1 || rest.Total != 4 {
		t.Errorf("got %+v", rest)
	}
	b.sandbox.Advance(cursorLife)
	gone := read(next)
	gone.is(t, 410, "", ExpiredCursor)
	if gone.issue() != "expired" {
		t.Errorf("got %s", gone.body)
	}
}

func TestAnExpiredTokenHasACodeOfItsOwnWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	b := benchWith(t, Switches{ExpiredToken: true})
	token := b.token("")
	b.sandbox.Advance(pastToken)
	got := b.get(token, "/Patient/1001")
	got.is(t, 401, "", ExpiredToken)
	if challenge := got.header.Get("Www-Authenticate"); challenge != `Bearer error="expired_token"` {
		t.Errorf("got %q", challenge)
	}
	if got := b.get("invented", "/Patient/1001"); got.header.Get("Www-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("got %v", got.header)
	}
}

func TestTheVersionsOfAResourceAreReadWhenSwitchedOn(t *testing.T) {
	t.Parallel()
	b := benchWith(t, Switches{History: true})
	token := b.token("")
	first := b.get(token, "/Patient/1001")
	b.send("PUT", b.vars["fhir_url"]+"/Patient/1001", `{"resourceType":"Patient","id":"1001","name":[{"family":"Vesper"}]}`,
		"Content-Type", fhirType, "Authorization", "Bearer "+token).is(t, 200, "", OK)
	if got := b.get(token, "/Patient/1001/_history/1"); got.status != 200 || got.body != first.body || got.header.Get("Etag") != `W/"1"` {
		t.Errorf("got %d %v %s", got.status, got.header, got.body)
	}
	if got := b.get(token, "/Patient/1001/_history/2"); got.status != 200 || got.body != b.get(token, "/Patient/1001").body {
		t.Errorf("got %d %s", got.status, got.body)
	}
	b.get(token, "/Patient/1001/_history/3").is(t, 404, "", UnknownResource)
	b.get(token, "/Patient/9999/_history/1").is(t, 404, "", UnknownResource)
	b.get(token, "/Patient/1001/_history").is(t, 404, "", UnknownPath)
	b.get(b.token("patient360"), "/Patient/1001/_history/1").is(t, 403, "", InsufficientScope)
	b.send("DELETE", b.vars["fhir_url"]+"/Patient/1001/_history/1", "", "Authorization", "Bearer "+token).is(t, 405, "", WrongMethod)
}

func TestAPatternServerTakesSoManyRequestsASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := benchWith(t, Switches{PatternRate: 2})
		token := b.patternToken().member("access_token")
		b.group(token, "/members").is(t, 200, "", OK)
		got := b.group(token, "/members")
		got.is(t, 429, "", TooManyRequests)
		if want := `{"status":429,"message":"Too Many Requests: wait a few seconds"}`; got.body != want || got.header.Get("Retry-After") != "" {
			t.Errorf("got %v %s", got.header, got.body)
		}
		production := benchOn(t, b.sandbox, "production")
		production.patternToken().is(t, 200, "", OK) // it is another server
		time.Sleep(time.Second)
		b.group(token, "/members").is(t, 200, "", OK)
	})
}

// batch posts a Bundle and returns what became of its entries as "status location reason".
func (b bench) batch(token, path string, entries ...string) (reply, []batchEntry) {
	b.Helper()
	body := `{"resourceType":"Bundle","type":"batch","entry":[` + strings.Join(entries, ",") + `]}`
	got := b.send("POST", b.vars["fhir_url"]+path, body, "Content-Type", fhirType, "Authorization", "Bearer "+token)
	var bundle struct {
		Type  string
		Entry []batchEntry
	}
	if err := json.Unmarshal([]byte(got.body), &bundle); err != nil {
		b.Fatal(err, got.body)
	}
	return got, bundle.Entry
}

func TestABatchAnswersEachOfItsRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	request := func(method, url, resource string) string {
		if resource != "" {
			resource = `,"resource":` + resource
		}
		return fmt.Sprintf(`{"request":{"method":%q,"url":%q}%s}`, method, url, resource)
	}
	entries := []string{
		request("GET", "Patient/1001", ""),
		request("GET", "Patient?family=Quillon", ""),
		request("POST", "Patient", `{"resourceType":"Patient","name":[{"family":"Vesper"}]}`),
		request("GET", "Patient/9999", ""),
		request("POST", "Patient", `{"resourceType":"Patient"}`),
		request("DELETE", "/Patient/1001", ""),
		request("GET", "https://elsewhere.example/Patient/1001", ""),
		request("GET", "", ""),
		`{"request":{"method":"PUT","url":"Patient/1001","ifMatch":"W/\"7\""},"resource":{"resourceType":"Patient","id":"1001","name":[{"family":"V"}]}}`,
	}
	for _, path := range []string{"", "/", "/Bundle"} {
		got, done := b.batch(b.token(""), path, entries...)
		if got.status != 200 || got.member("type") != "batch-response" || len(done) != len(entries) {
			t.Fatalf("%s: got %d %s", path, got.status, got.body)
		}
		for i, want := range []string{
			"200 OK", "200 OK", "201 Created", "404 Not Found", "422 Unprocessable Entity", "405 Method Not Allowed",
			"400 Bad Request", "400 Bad Request", "412 Precondition Failed",
		} {
			e := done[i]
			if failed := want[0] == '4'; e.Response.Status != want || failed != (len(e.Response.Outcome) > 0) || failed == (len(e.Resource) > 0) {
				t.Errorf("entry %d: got %+v, want %s", i, e, want)
			}
		}
		if string(done[0].Resource) != b.get(b.token(""), "/Patient/1001").body || done[0].Response.ETag != `W/"1"` {
			t.Errorf("got %s", done[0].Resource)
		}
		if !strings.HasPrefix(done[2].Response.Location, b.vars["fhir_url"]+"/Patient/10") {
			t.Errorf("got %+v", done[2])
		}
	}
	_, narrow := b.batch(b.token("user/Patient.r"), "", request("GET", "Patient/1001", ""), request("GET", "Observation/o-1001-1", ""))
	if narrow[0].Response.Status != "200 OK" || narrow[1].Response.Status != "403 Forbidden" {
		t.Errorf("got %+v", narrow)
	}
}

func TestABundleThatIsNoBatchIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.token("")
	post := func(body string) reply {
		return b.send("POST", b.vars["fhir_url"], body, "Content-Type", fhirType, "Authorization", "Bearer "+token)
	}
	many := `{"request":{"method":"GET","url":"Patient/1001"}}` + strings.Repeat(`,{"request":{"method":"GET","url":"Patient/1001"}}`, maxBatch)
	post(`{"resourceType":"Bundle","type":"batch"}`).is(t, 200, "", OK)
	post(`{"resourceType":"Bundle","type":"transaction"}`).is(t, 400, "", InvalidResource)
	post(`{"resourceType":"Bundle","type":"batch","entry":{}}`).is(t, 400, "", UnreadableBody)
	post(`{"resourceType":"Bundle","type":"batch","entry":[`+many+`]}`).is(t, 413, "", InvalidResource)
	post(`{"resourceType":"Patient"}`).is(t, 400, "", UnreadableBody)
	b.send("POST", b.vars["fhir_url"], "{}").is(t, 401, "", NoCredentials)
}

func TestTheWWWHostHasAPageForEverythingAndTheTokenEndpointOfDiscovery(t *testing.T) {
	t.Parallel()
	b := benchOn(t, New(Options{Servers: Servers{WWW: true}}), "sandbox")
	www := b.vars["www_url"]
	for _, path := range []string{"", "/fhir/R4/Patient/1001", "/oauth/tokens", "/.well-known/smart-configuration"} {
		got := b.send("GET", www+path, "")
		if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" || got.reason != UnknownPath ||
			!strings.HasPrefix(got.body, "<!DOCTYPE html>") || !strings.Contains(got.body, "<title>Health records for everyone</title>") {
			t.Errorf("%s: got %d %v %s", path, got.status, got.header, got.body)
		}
	}
	for _, address := range []string{b.vars["fhir_url"] + "/.well-known/smart-configuration", www + "/.well-known/openid-configuration"} {
		got := b.send("GET", address, "")
		if got.member("token_endpoint") != b.vars["www_token_url"] || got.member("issuer") != www {
			t.Errorf("%s: got %s", address, got.body)
		}
	}
	exchange := func(aud string) reply {
		return b.post(b.vars["www_token_url"], "grant_type", jwtBearerGrant, "assertion", b.assertion(claims{"aud": aud}))
	}
	got := exchange(b.vars["www_token_url"])
	got.is(t, 200, "", OK)
	b.get(got.member("access_token"), "/Patient/1001").is(t, 200, "", OK)
	exchange(b.vars["token_url"]).is(t, 200, "", OK)
	exchange(www).is(t, 400, "invalid_grant", WrongAudience)
	b.exchange(b.assertion(nil)).is(t, 200, "", OK)
	b.exchange(b.assertion(claims{"aud": b.vars["www_token_url"]})).is(t, 400, "invalid_grant", WrongAudience)
	b.post(www+refreshPath, "grant_type", refreshTokenGrant, "refresh_token", b.vars["refresh_token"], "client_id",
		b.vars["viewer_client_id"], "client_secret", b.vars["viewer_client_secret"]).is(t, 200, "", OK)
}
