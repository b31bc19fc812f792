package script

import (
	"net/http"
	"testing"
	"time"

	"github.com/hgrun/hgrun/internal/wire"
)

func event() *Event {
	return &Event{Info: Info{Listen: Test, Request: "Read the user"}, Scopes: Scopes{Environment: memory{}},
		Exchange: &wire.Exchange{Request: wire.Request{Method: "GET", URL: "https://x/"}, Timings: wire.Timings{Total: time.Millisecond},
			Response: &wire.Response{Proto: "HTTP/1.1", Status: 200, Reason: "OK", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"id": 1, "name": "Ann"}`)}}}
}

func benchmarkScript(b *testing.B, text string) {
	var engine Engine
	vm := engine.Open(Limits{})
	defer vm.Close()
	e, s := event(), one(text)
	if got := errorsOf(vm.Run(b.Context(), s, e)); got != "" {
		b.Fatal(got)
	}
	b.ReportAllocs()
	for b.Loop() {
		vm.Run(b.Context(), s, e)
	}
}

func BenchmarkOpenAndRun(b *testing.B) {
	var engine Engine
	for b.Loop() {
		vm := engine.Open(Limits{})
		vm.Run(b.Context(), one("1"), event())
		vm.Close()
	}
}

func BenchmarkOpenAndRunWithExpect(b *testing.B) {
	var engine Engine
	for b.Loop() {
		vm := engine.Open(Limits{})
		vm.Run(b.Context(), one(`pm.test("a", () => pm.expect(1).to.equal(1))`), event())
		vm.Close()
	}
}

func BenchmarkFirstScriptOfAProcess(b *testing.B) {
	for b.Loop() {
		var engine Engine
		vm := engine.Open(Limits{})
		vm.Run(b.Context(), one(`pm.environment.set("id", pm.response.json().id)`), event())
		vm.Close()
	}
}

func BenchmarkFirstExpectOfAProcess(b *testing.B) {
	for b.Loop() {
		var engine Engine
		vm := engine.Open(Limits{})
		vm.Run(b.Context(), one(`pm.test("a", () => pm.expect(1).to.equal(1))`), event())
		vm.Close()
	}
}

func BenchmarkSet(b *testing.B) {
	benchmarkScript(b, `pm.environment.set("id", pm.response.json().id);`)
}

func BenchmarkTests(b *testing.B) {
	benchmarkScript(b, `pm.test("status", () => pm.response.to.have.status(200));
const body = pm.response.json();
pm.test("id", () => pm.expect(body.id).to.eql(1));
pm.test("name", () => { pm.expect(body).to.have.property("name"); pm.expect(body.name).to.be.a("string"); });
pm.environment.set("id", body.id);`)
}

func BenchmarkLegacy(b *testing.B) {
	benchmarkScript(b, `tests["status"] = responseCode.code === 200; postman.setEnvironmentVariable("id", JSON.parse(responseBody).id);`)
}

func BenchmarkLodash(b *testing.B) {
	benchmarkScript(b, `pm.environment.set("x", require("lodash").map([{ a: 1 }], "a")[0])`)
}

func BenchmarkPrerequest(b *testing.B) {
	benchmarkScript(b, `pm.request.headers.upsert({ key: "X-Time", value: "1" }); pm.variables.set("a", pm.environment.get("id"));`)
}
