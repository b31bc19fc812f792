package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAPatternTokenCountsItsLifeInMilliseconds(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	got := b.patternToken()
	token := got.member("access_token")
	if want := fmt.Sprintf(`{"access_token":%q,"expires_in":3600000,"token_type":"bearer"}`, token); got.body != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	b.group(token, "/members").is(t, 200, "", OK)
	b.sandbox.Advance(59 * time.Minute)
	b.group(token, "/members").is(t, 200, "", OK)
	b.sandbox.Advance(time.Minute)
	expired := b.group(token, "/members")
	expired.is(t, 401, "", ExpiredToken)
	if expired.body != `{"status":401,"message":"Unauthorized"}` {
		t.Errorf("got %s", expired.body)
	}
	b.group(b.patternToken().member("access_token"), "/members").is(t, 200, "", OK) // the same credentials, a new token
}

// group reads a path below the client's group.
func (b bench) group(token, path string) reply {
	b.Helper()
	address := b.vars["pattern_url"] + groupsPath + b.vars["pattern_group"] + path
	return b.send("GET", address, "", "Authorization", "Bearer "+token)
}

func TestAPatternTokenRequestIsExactlyAsDocumented(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	id, secret := b.vars["pattern_client_id"], b.vars["pattern_client_secret"]
	right := basic(id, secret)
	const form = "grant_type=client_credentials"
	cases := []struct {
		name, method, authorization, accept, kind, body string
		status                                          int
		reason                                          Reason
	}{
		{"all right", "POST", right, jsonType, formType, form, 200, OK},
		{"no Basic", "POST", "", jsonType, formType, form, 401, NoAuthentication},
		{"no base64", "POST", "Basic " + id + ":" + secret, jsonType, formType, form, 401, MalformedBasic},
		{"Bearer", "POST", "Bearer " + secret, jsonType, formType, form, 401, MalformedBasic},
		{"form-encoded", "POST", basic(url.QueryEscape(id), url.QueryEscape(secret)), jsonType, formType, form, 401, EncodedBasic},
		{"ends with newline", "POST", basic(id, secret+"\n"), jsonType, formType, form, 401, WrongSecret},
		{"of the other environment", "POST", basic(benchOn(t, b.sandbox, "production").vars["pattern_client_id"], secret),
			jsonType, formType, form, 401, UnknownClient},
		{"no Accept", "POST", right, "", formType, form, 406, WrongAccept},
		{"any Accept", "POST", right, "*/*", formType, form, 406, WrongAccept},
		{"JSON", "POST", right, jsonType, jsonType, `{"grant_type":"client_credentials"}`, 415, WrongContentType},
		{"another grant", "POST", right, jsonType, formType, "grant_type=password", 400, UnsupportedGrant},
		{"GET", "GET", right, jsonType, "", "", 405, WrongMethod},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			headers := []string{"Content-Type", c.kind, "Accept", c.accept}
			if c.authorization != "" {
				headers = append(headers, "Authorization", c.authorization)
			}
			got := b.send(c.method, b.vars["pattern_url"]+patternTokenPath, c.body, headers...)
			got.is(t, c.status, "", c.reason)
			if strings.Contains(got.body, secret) {
				t.Error("the answer shows the secret")
			}
		})
	}
}

// A listed is what a page of a group's list says.
type listed struct {
	TotalCount, Limit, Offset int
	Results                   []struct{ UUID, Href, Title string }
	Links                     struct{ Previous, Next string }
}

func (r reply) listed(t *testing.T) listed {
	t.Helper()
	var l listed
	if err := json.Unmarshal([]byte(r.body), &l); err != nil {
		t.Fatal(err, r.body)
	}
	return l
}

func TestAListIsReadPageByPage(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.patternToken().member("access_token")
	for list, total := range map[string]int{"members": 25, "tasks": 12, "measurements": 45} {
		var seen, pages int
		for next := groupsPath + b.vars["pattern_group"] + "/" + list; next != ""; pages++ {
			got := b.send("GET", b.vars["pattern_url"]+next, "", "Authorization", "Bearer "+token)
			page := got.listed(t)
			if page.TotalCount != total || page.Limit != 20 || page.Offset != seen || (page.Links.Previous == "") != (seen == 0) {
				t.Errorf("%s: got %+v", next, page)
			}
			seen += len(page.Results)
			next = page.Links.Next
		}
		if seen != total || pages != (total+19)/20 {
			t.Errorf("%s: got %d in %d pages, want %d", list, seen, pages, total)
		}
	}
	first := b.group(token, "/members?limit=1").listed(t).Results[0]
	if first.Title != "Ansel Ashgrove" || !strings.HasPrefix(first.Href, groupsPath) {
		t.Errorf("got %+v", first)
	}
	if got := b.send("GET", b.vars["pattern_url"]+first.Href, "", "Authorization", "Bearer "+token); got.status != 200 ||
		got.member("uuid") != first.UUID || got.member("email") != "ansel.ashgrove@mail.example" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestAListIsSorted(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.patternToken().member("access_token")
	for query, want := range map[string]string{
		"?sortBy=title":                       "Ansel Ashgrove",
		"?sortBy=title&sortDirection=desc":    "Emrys Elmstead",
		"?sortBy=created&sortDirection=desc":  "Emrys Elmstead",
		"?sortBy=title&offset=5&limit=1":      "Briony Ashgrove",
		"?sortBy=created&offset=1&limit=1000": "Briony Ashgrove",
	} {
		if got := b.group(token, "/members"+query).listed(t).Results[0].Title; got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	for _, query := range []string{"?sortBy=colour", "?sortDirection=up", "?limit=ten", "?offset=-1"} {
		b.group(token, "/members"+query).is(t, 400, "", WrongParameter)
	}
}

func TestWhatIsNotThereOrNotAllowedInAGroup(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.patternToken().member("access_token")
	task := b.group(token, "/tasks?limit=1").listed(t).Results[0].UUID
	b.group(token, "/members/"+task).is(t, 404, "", UnknownResource)
	b.group(token, "/devices").is(t, 404, "", UnknownResource)
	b.group(token, "").is(t, 404, "", UnknownPath)
	at := b.vars["pattern_url"] + groupsPath
	bearer := []string{"Authorization", "Bearer " + token}
	b.send("GET", at+"3f0c8a52-0000-4000-8000-000000000000/members", "", bearer...).is(t, 404, "", UnknownResource)
	b.send("GET", b.vars["pattern_url"]+"/api/v2", "", bearer...).is(t, 404, "", UnknownPath)
	b.send("POST", at+b.vars["pattern_group"]+"/tasks", "{}", bearer...).is(t, 403, "", RoleNotPermitted)
	b.send("DELETE", at+b.vars["pattern_group"]+"/tasks/"+task, "", bearer...).is(t, 403, "", RoleNotPermitted)
	b.send("DELETE", at+b.vars["pattern_group"]+"/tasks", "", bearer...).is(t, 405, "", WrongMethod)
	b.send("GET", at+b.vars["pattern_group"]+"/tasks", "").is(t, 401, "", NoCredentials)
	b.group(b.token(""), "/members").is(t, 401, "", ForeignToken)
}

func TestAMemberIsRegisteredOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, "sandbox")
	token := b.patternToken().member("access_token")
	register := func(body string) reply {
		return b.send("POST", b.vars["pattern_url"]+groupsPath+b.vars["pattern_group"]+"/members", body,
			"Authorization", "Bearer "+token, "Content-Type", jsonType)
	}
	got := register(`{"firstName":"Wilmot","lastName":"Farrow","email":"wilmot@mail.example","externalId":"W-1"}`)
	got.is(t, 201, "", OK)
	if got.header.Get("Location") != got.member("href") || got.member("title") != "Wilmot Farrow" {
		t.Errorf("got %v %s", got.header, got.body)
	}
	b.send("GET", b.vars["pattern_url"]+got.member("href"), "", "Authorization", "Bearer "+token).is(t, 200, "", OK)
	for body, want := range map[string]string{
		`{"firstName":"W","lastName":"F","email":"WILMOT@mail.example"}`:               `{"status":409,"message":"A member with this email is already registered"}`,
		`{"firstName":"W","lastName":"F","email":"w@mail.example","externalId":"W-1"}`: `{"status":409,"message":"A member with this externalId is already registered"}`,
		`{"lastName":"F","email":"w@mail.example"}`:                                    `{"status":422,"message":"firstName must not be empty"}`,
		`{"firstName":"W","email":"w@mail.example"}`:                                   `{"status":422,"message":"lastName must not be empty"}`,
		`{"firstName":"W","lastName":"F"}`:                                             `{"status":422,"message":"email must be an email address"}`,
		`firstName=W`:                                                                  `{"status":400,"message":"The body must be a JSON object"}`,
	} {
		if got := register(body); got.body != want {
			t.Errorf("%s: got %s, want %s", body, got.body, want)
		}
	}
}
