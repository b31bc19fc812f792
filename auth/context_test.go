package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/wire"
)

const contextBlock = `oauth2: {grant: client-credentials, client_auth: none, token_url: "` + tokenURL + `", client_id: c, context: {who: patient, need_patient_banner: need_patient_banner}}`

func TestWhatComesBesideATokenBecomesVariables(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered(`,"patient":"p-1","need_patient_banner":true,"tenant":null`)}
	s := session(d)
	a := read(t, contextBlock)
	provider := a.(auth.Provider)
	same(t, "names", strings.Join(provider.Provides(), " "), "who need_patient_banner")
	if err := provider.Provide(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	same(t, "captured", fmt.Sprint(s.Scope.Captured()), "map[need_patient_banner:{true true false} who:{p-1 false false}]")
	other := worker(s)
	authorize(t, read(t, contextBlock), other)
	same(t, "captured by another", fmt.Sprint(other.Scope.Captured()), "map[need_patient_banner:{true true false} who:{p-1 false false}]")
	if len(d.calls) != 1 {
		t.Errorf("got %d calls, want 1", len(d.calls))
	}
}

func TestContextMayBeAListOfNames(t *testing.T) {
	t.Parallel()
	d := &desk{answer: numbered(`,"patient":"p-1","scope":"a"`)}
	s := session(d)
	authorize(t, read(t, strings.Replace(contextBlock, "{who: patient, need_patient_banner: need_patient_banner}", "[patient, scope]", 1)), s)
	same(t, "captured", fmt.Sprint(s.Scope.Captured()), "map[patient:{p-1 false false} scope:{a false false}]")
}

func TestContextThatDoesNotComeIsAnError(t *testing.T) {
	t.Parallel()
	for member, advice := range map[string]string{"patient": "; ask for the scope launch/patient", "fhirUser": "; ask for the scopes openid and fhirUser", "tenant": ""} {
		d := &desk{answer: numbered("")}
		a := read(t, strings.Replace(contextBlock, "{who: patient, need_patient_banner: need_patient_banner}", "{x: "+member+"}", 1))
		want := said + "200 OK without " + member + " (members: access_token, token_type), which context: wants at line 1" + advice
		same(t, member, fmt.Sprint(a.Authorize(t.Context(), request(), session(d))), want)
		err := a.(auth.Provider).Provide(t.Context(), session(d))
		same(t, member, fmt.Sprint(err), want)
	}
}

func TestContextOutlivesTheTokenThatBroughtIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{answer: func(nth int, _ auth.Call) (*wire.Response, error) {
			more := map[int]string{1: `,"patient":"p-1","need_patient_banner":true`, 2: ``, 3: `,"patient":"p-3"`}[nth]
			return response(200, "application/json", fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":60,"refresh_token":"refresh-%d"%s}`, nth, nth, more)), nil
		}}
		a := read(t, contextBlock)
		first := session(d)
		for i, want := range []string{"p-1", "p-1", "p-3"} {
			s := worker(first)
			same(t, "Authorization", authorize(t, a, s), fmt.Sprintf("Bearer token-%d", i+1))
			same(t, "patient", s.Scope.Captured()["who"].Text, want)
			time.Sleep(time.Minute)
		}
	})
}
