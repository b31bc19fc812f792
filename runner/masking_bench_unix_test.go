//go:build unix

package runner

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// aMegabyte is a bundle of patients.
func aMegabyte() []byte {
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"searchset","entry":[`)
	for i := 0; b.Len() < 1<<20; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"fullUrl":"https://h/Patient/p%d","resource":{"resourceType":"Patient","id":"p%d","meta":{"versionId":"1"},"name":[{"use":"official","family":"Family%d","given":["Given%d"]}],"gender":"female","birthDate":"1970-05-06","telecom":[{"system":"phone","value":"555-%d"}],"address":[{"line":["%d Main St"],"city":"Miami","state":"FL"}]}}`, i, i, i, i, i, i)
	}
	return []byte(b.String() + "]}")
}

// cpu is the CPU time of the process until now, which others on the machine do not change.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it fails for no process
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkMasking runs requests whose answers have a megabyte, with 50 secrets in the environment, and tells which part of the CPU time goes into
// masking. The same work of masking is done again by itself: learning what is secret, and, where something is shown, masking it. The
// transport has the answer ready, so that the rest is as little as it can be: with a network the part is smaller.
func BenchmarkMasking(b *testing.B) {
	body := aMegabyte()
	secrets := map[string]string{}
	for i := range 50 {
		secrets[fmt.Sprint("secret", i)] = rand.Text()
	}
	for _, tt := range []struct {
		name, expect string
		detail       bool
	}{
		{"passed", `{status: 200, json: {"entry.#.resource.id": {length: {above: 9}}}}`, false},
		{"passed, verbose", `{status: 200, json: {"entry.#.resource.id": {length: {above: 9}}}}`, true},
		{"failed by its status", `{status: 201, json: {"entry.#.resource.id": {length: {above: 9}}}}`, false},
		{"failed by a value", `{status: 200, json: {"entry.2000.resource.name.0.family": Nobody}}`, false},
	} {
		b.Run(tt.name, func(b *testing.B) {
			text := "requests: [{name: Search, request: GET http://api.test/Patient, expect: " + tt.expect + "}]"
			c, err := collections.Load(fstest.MapFS{"chain.yaml": {Data: []byte(text)}}, "chain.yaml", collections.Options{})
			if err != nil {
				b.Fatal(err)
			}
			r := &Runner{Detail: tt.detail, Transport: answers{body}}
			env := environments.New("", nil, secrets)
			before := cpu()
			for b.Loop() {
				for range r.Run(b.Context(), c, env) {
				}
			}
			all := cpu() - before
			b.ReportMetric(100*float64(mask(b, r, env, body, tt.name))/float64(all), "%masking")
		})
	}
}

// mask does what a run does for masking, as often as the benchmark ran, and returns the CPU time.
func mask(b *testing.B, r *Runner, env *environments.Environment, body []byte, name string) time.Duration {
	ex := &wire.Exchange{Request: wire.Request{Method: "GET", URL: "http://api.test/Patient"}, Response: &wire.Response{Status: 200, Header: http.Header{}, Body: body}}
	s := &suite{runner: r, job: Job{Environment: env}, layers: env.Layers()}
	x := &round{suite: s, veil: s.veiled(), scope: vars.NewScope(&r.secrets, env.Layers()...)}
	before := cpu()
	for range b.N {
		x.veil.about(x.scope, ex)
		learn(x.scope.Secrets(), ex)
		x.url(ex.Request.URL)
		if strings.HasPrefix(name, "failed by its status") {
			x.compared("status: got 200, want 201")
		} else if name == "failed by a value" {
			x.compared(`json entry.2000.resource.name.0.family: got "Family2000", want "Nobody"`)
		}
		if name != "passed" {
			x.detail(ex)
		}
	}
	return cpu() - before
}
