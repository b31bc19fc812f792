package script

import (
	"strings"
	"testing"
	"time"
)

// FuzzRun holds that no text, run as a script, panics or runs beyond its limits, and that each of its problems has a place in the script.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		"", "pm.test('a', () => pm.expect(1).to.equal(2))", "tests[1] = pm", "await pm.sendRequest('x')", "pm.request.url = {host: 1, path: {}}", "})(); (function () {",
		"pm.environment.set({}, []); pm.environment.get(Symbol())", "Object.prototype.then = () => {}", "throw new Proxy({}, { get() { throw 1 } })", "pm.request.headers.add(null)",
		"pm.response.headers.upsert(7)", "console.log({ toJSON() { return this } })", "Promise.reject({ get message() { throw 2 } })", "pm.cookies.jar().set(1, 2, 3)", "\u2028\x00`${",
		"pm.request.body = { mode: 'urlencoded', urlencoded: 5 }", "pm.test(Symbol('x'), null)", "delete globalThis.pm; pm", "pm.sendRequest({ url: {}, header: 5, body: [] })", "class A extends null {}; new A",
	} {
		f.Add(seed)
	}
	var engine Engine
	f.Fuzz(func(t *testing.T, text string) {
		vm := engine.Open(Limits{Time: 100 * time.Millisecond, Wait: 300 * time.Millisecond, Memory: 16 << 20, Depth: 500})
		defer vm.Close()
		for _, listen := range []string{Prerequest, Test} {
			e := event()
			e.Info.Listen, e.Send, e.Request = listen, answerAnything, &Request{Method: "GET", URL: "https://x/:id?a={{b}}"}
			o := vm.Run(t.Context(), one(text), e)
			for _, err := range o.Errors {
				if err.Pos.File != "c.json" || err.Pos.Line < 1 || err.Pos.Line > strings.Count(text, "\n")+1 {
					t.Errorf("%q: no line of the script: %v", text, err)
				}
			}
		}
	})
}
