package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func send(t *testing.T, c *clinic, req *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	c.handler().ServeHTTP(w, req)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func exchange(t *testing.T, c *clinic, form url.Values) (int, string) {
	t.Helper()
	req := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, c, req)
}

func TestTheTokenEndpointWantsTheMembersOfTheGrant(t *testing.T) {
	t.Parallel()
	const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	for _, row := range []struct {
		name, want string
		form       url.Values
		status     int
	}{
		{"assertion of three parts", "", url.Values{"grant_type": {jwtBearer}, "assertion": {"a.b.c"}}, 200},
		{"assertion of two parts", "invalid_grant", url.Values{"grant_type": {jwtBearer}, "assertion": {"a.b"}}, 400},
		{"no assertion", "invalid_grant", url.Values{"grant_type": {jwtBearer}}, 400},
		{"client credentials", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {"bench"}}, 200},
		{"nobody's credentials", "invalid_client", url.Values{"grant_type": {"client_credentials"}}, 401},
		{"no grant", "unsupported_grant_type", url.Values{"assertion": {"a.b.c"}}, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			status, body := exchange(t, newClinic(0), row.form)
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if status != row.status || got.Error != row.want {
				t.Errorf("got %d %q, want %d %q", status, got.Error, row.status, row.want)
			}
		})
	}
}

func TestAPatientIsForBearersOfAGivenToken(t *testing.T) {
	t.Parallel()
	c := newClinic(0)
	_, body := exchange(t, c, url.Values{"grant_type": {"client_credentials"}, "client_id": {"bench"}})
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &given); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, authorization string
		want                int
	}{
		{"the given token", "Bearer " + given.AccessToken, 200},
		{"another token", "Bearer x" + given.AccessToken, 401},
		{"no token", "", 401},
	} {
		req := httptest.NewRequest("GET", "/fhir/R4/Patient/7", nil)
		req.Header.Set("Authorization", row.authorization)
		if got, _ := send(t, c, req); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
	status, got := send(t, c, httptest.NewRequest("GET", "/counts", nil))
	if want := `{"tokens":1,"patients":1,"refused":2,"bulks":0}` + "\n"; status != 200 || got != want {
		t.Errorf("counts: got %d %s, want 200 %s", status, got, want)
	}
	if _, got := send(t, c, httptest.NewRequest("GET", "/counts", nil)); got != `{"tokens":0,"patients":0,"refused":0,"bulks":0}`+"\n" {
		t.Errorf("counts asked again: got %s, want nothing but zeros", got)
	}
}

func TestThePatientIsAKilobyteOfJSONWithItsID(t *testing.T) {
	t.Parallel()
	c := newClinic(0)
	c.admit("t")
	req := httptest.NewRequest("GET", "/fhir/R4/Patient/1042", nil)
	req.Header.Set("Authorization", "Bearer t")
	_, body := send(t, c, req)
	var patient struct {
		ResourceType, ID string
		Name             []struct{ Family string }
	}
	if err := json.Unmarshal([]byte(body), &patient); err != nil {
		t.Fatal(err)
	}
	if patient.ResourceType != "Patient" || patient.ID != "1042" || patient.Name[0].Family != "Lindqvist" {
		t.Errorf("got %+v, want Patient 1042 Lindqvist", patient)
	}
	if n := len(body); n < 1000 || n > 1500 {
		t.Errorf("got %d bytes, want 1000 to 1500", n)
	}
}
