package script

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

func one(text string) Script {
	return Script{Pos: source.Pos{File: "c.json", Line: 1, Col: 1}, Text: text}
}

func tests() *Event { return &Event{Info: Info{Listen: Test, Request: "r"}} }

// errorsOf returns the errors of an outcome, one a line, those of tests included.
func errorsOf(o Outcome) string {
	var all []string
	for _, v := range o.Tests {
		if v.Err != nil {
			all = append(all, v.Name+": "+v.Err.Error())
		}
	}
	for _, err := range o.Errors {
		all = append(all, err.Error())
	}
	return strings.Join(all, "\n")
}

func TestNoScriptGoesBeyondItsLimits(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"an endless loop", `while (true) {}`, "c.json:1:1: the script was stopped: it ran for more than 200ms"},
		{"an endless loop that catches all", `while (true) { try { while (true) {} } catch (e) {} }`, "c.json:1:1: the script was stopped: it ran for more than 200ms"},
		{"a runaway regular expression", `/^(?=a)(a+)+$/.test("a".repeat(40) + "!")`, "c.json:1:1: the script was stopped: it ran for more than 200ms"},
		{"an endless chain of promises", `function again() { return Promise.resolve().then(again); } again()`, "c.json:1:1: the script was stopped: it ran for more than 200ms"},
		{"an endless loop in a test", `pm.test("loops", () => { for (;;); })`, "loops: c.json:1:1: the script was stopped: it ran for more than 200ms\nc.json:1:1: the script was stopped: it ran for more than 200ms"},
		{"an endless loop in a timer", `setTimeout(() => { for (;;); }, 1)`, "c.json:1:1: the script was stopped: it ran for more than 200ms"},
	}
	var engine Engine
	vm := engine.Open(Limits{Time: 200 * time.Millisecond, Memory: 32 << 20})
	defer vm.Close()
	for _, c := range cases {
		got := errorsOf(vm.Run(t.Context(), one(c.text), tests()))
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		goesOn(t, vm, c.name)
	}
}

// goesOn checks that the script after one that was stopped runs as if nothing had happened.
func goesOn(t *testing.T, vm *VM, name string) {
	t.Helper()
	after := vm.Run(t.Context(), one(`pm.test("goes on", () => {})`), tests())
	if len(after.Tests) != 1 || errorsOf(after) != "" {
		t.Errorf("%s: the next script: got %+v", name, after)
	}
}

func TestNoScriptTakesMoreThanItsShare(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"a text too long", `"x".repeat(1 << 30)`, "c.json:1:11: RangeError: invalid string length"},
		{"a large text", `"x".repeat(1 << 29)`, "c.json:1:11: out of memory: all that the scripts hold takes more than 32 MiB"},
		{"more and more", `const a = []; for (;;) a.push(new Array(1e5).fill(1))`, "out of memory: all that the scripts hold takes more than 32 MiB"},
		{"a large buffer", `new Uint8Array(1 << 30)`, "out of memory: all that the scripts hold takes more than 32 MiB"},
		{"recursion", "function f() {\n  return f();\n}\nf()", "c.json:2:3: stack overflow: functions call each other deeper than 2000 calls"},
		{"deep JSON", `JSON.parse("[".repeat(100000))`, "stack overflow: functions call each other deeper than 2000 calls"},
		{"a file", `require("fs").readFileSync("/etc/passwd")`, `require("fs") is refused: no script may reach files, processes or the network; pm.sendRequest sends requests`},
		{"an import", `import("fs").then((fs) => fs.x)`, "could not load module 'fs'"},
	}
	var engine Engine
	vm := engine.Open(Limits{Time: time.Minute, Memory: 32 << 20})
	defer vm.Close()
	for _, c := range cases {
		got := errorsOf(vm.Run(t.Context(), one(c.text), tests()))
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		goesOn(t, vm, c.name)
	}
}

func TestABuiltInFunctionThatNeverEndsIsLeftBehind(t *testing.T) {
	t.Parallel()
	var engine Engine
	vm := engine.Open(Limits{Time: 50 * time.Millisecond})
	defer vm.Close()
	got := errorsOf(vm.Run(t.Context(), one(`[].indexOf.call({ length: 2e8 }, 1)`), tests()))
	if want := "c.json:1:1: the script was stopped: it ran for more than 50ms"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := vm.Run(t.Context(), one(`pm.test("goes on", () => {})`), tests()); len(got.Tests) != 1 || errorsOf(got) != "" {
		t.Errorf("the next script: got %+v", got)
	}
}

// It runs beside no other test, because all share the processors.
func TestWhatIsLeftBehindHasAProcessorOfItsOwn(t *testing.T) {
	if slow {
		t.Skip("what is left behind takes minutes under the race detector")
	}
	before := runtime.GOMAXPROCS(0)
	var engine Engine
	vm := engine.Open(Limits{Time: 50 * time.Millisecond})
	defer vm.Close()
	if got := errorsOf(vm.Run(t.Context(), one(`[].indexOf.call({ length: 2e8 }, 1)`), tests())); got == "" {
		t.Fatal("got no error")
	}
	if got := runtime.GOMAXPROCS(0); got != before+1 {
		t.Errorf("got %d processors, want one more than %d", got, before)
	}
	for end := time.Now().Add(3 * time.Minute); runtime.GOMAXPROCS(0) != before; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("got %d processors after it came back, want %d", runtime.GOMAXPROCS(0), before)
		}
	}
}

func TestWaitingIsBounded(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"an interval that nobody clears", `setInterval(() => {}, 1000)`, "c.json:1:1: the script was stopped: it still waited after 2m0s"},
		{"a request without an answer", `pm.sendRequest("https://x/")`, "c.json:1:1: the script was stopped: it still waited after 2m0s"},
		{"a timer beyond the limit", "pm.test('late', (done) => setTimeout(done, 3e5))", "late: c.json:1:8: the script was stopped: it still waited after 2m0s\nc.json:1:1: the script was stopped: it still waited after 2m0s"},
		{"a timer within the limit", "pm.test('late', (done) => setTimeout(done, 6e4))", ""},
	}
	for _, c := range cases {
		synctest.Test(t, func(t *testing.T) {
			var engine Engine
			vm := engine.Open(Limits{})
			defer vm.Close()
			e := tests()
			e.Send = func(ctx context.Context, _ *Request) (*wire.Exchange, error) { <-ctx.Done(); return nil, ctx.Err() }
			if got := errorsOf(vm.Run(t.Context(), one(c.text), e)); got != c.want {
				t.Errorf("%s: got %s, want %s", c.name, got, c.want)
			}
		})
	}
}

func TestWhatAScriptSendsIsBounded(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"many at once", `const all = []; for (let i = 0; i < 50; i++) all.push(pm.sendRequest("https://x/")); await Promise.all(all); pm.environment.set("n", all.length)`, ""},
		{"too many at once", `for (let i = 0; i < 1001; i++) pm.sendRequest("https://x/").catch((e) => { if (i === 1000) throw e; })`,
			"c.json:1:46: pm.sendRequest: 1000 requests of the script wait for their answer already: await them before you send more"},
		{"too much", `for (let i = 0; i < 20; i++) await pm.sendRequest("https://x/")`, "c.json:1:50: pm.sendRequest: the answers to the script take more than 16 MiB together"},
	}
	var engine Engine
	for _, c := range cases {
		vm := engine.Open(Limits{Time: time.Minute, Memory: 16 << 20})
		var now, most atomic.Int64
		e := tests()
		e.Scopes.Environment = memory{}
		body := make([]byte, 1<<20)
		if c.name != "too much" {
			body = nil
		}
		e.Send = func(context.Context, *Request) (*wire.Exchange, error) {
			n := now.Add(1)
			defer now.Add(-1)
			for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			runtime.Gosched()
			return &wire.Exchange{Response: &wire.Response{Status: 200, Body: body}}, nil
		}
		if got := errorsOf(vm.Run(t.Context(), one(c.text), e)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if most.Load() > maxSending {
			t.Errorf("%s: got %d requests at once, want %d at most", c.name, most.Load(), maxSending)
		}
		vm.Close()
	}
}

func TestAnInterruptedRunStopsItsScript(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`while (true) {}`, `await new Promise((r) => setTimeout(r, 1e5))`} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var engine Engine
		vm := engine.Open(Limits{})
		time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("interrupted")) })
		got := errorsOf(vm.Run(ctx, one(text), tests()))
		if want := "c.json:1:1: the script was stopped: interrupted"; got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		vm.Close()
	}
}

func TestScriptsOfManyVMsRunAtOnce(t *testing.T) {
	t.Parallel()
	var engine Engine
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			vm := engine.Open(patient())
			defer vm.Close()
			for round := range 10 {
				env := memory{}
				e := tests()
				e.Scopes.Environment = env
				text := fmt.Sprintf(`const n = %[1]d; await new Promise((r) => setTimeout(r, 1)); pm.environment.set("n", n); pm.test("n", () => { if (n !== %[1]d) throw n; })`, worker*100+round)
				if got := errorsOf(vm.Run(t.Context(), one(text), e)); got != "" {
					t.Error(got)
				}
				if want := float64(worker*100 + round); env["n"] != want {
					t.Errorf("got %v, want %v", env["n"], want)
				}
			}
		})
	}
	wg.Wait()
}

func TestAThousandRunsHoldNoMoreThanTen(t *testing.T) {
	if slow {
		t.Skip("what the race detector itself holds is not told apart")
	}
	var engine Engine
	vm := engine.Open(patient())
	defer vm.Close()
	run := func(times int) {
		for i := range times {
			e := tests()
			e.Exchange = &wire.Exchange{Response: &wire.Response{Status: 200, Reason: "OK", Body: []byte(`{"list": [` + strings.Repeat("1,", 10000) + `1]}`)}}
			text := `const body = pm.response.json(); pm.test("list", () => pm.expect(body.list).to.have.lengthOf(10001));
				const loop = { body }; loop.self = loop; pm.environment.set("x", body.list.length); Promise.reject(1).catch(() => {});`
			if i%100 == 99 {
				text += fmt.Sprintf("// %d", i)
			}
			if got := errorsOf(vm.Run(t.Context(), one(text), e)); got != "" {
				t.Fatal(got)
			}
		}
	}
	run(100)
	before := resident(t)
	run(1000)
	if after := resident(t); after > before+16<<10 {
		t.Errorf("1,000 more runs: got %d kB, had %d kB", after, before)
	}
}

// resident returns the memory that the process has, in kB.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("the system does not tell how much memory a process has")
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kB int
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		t.Fatal(err)
	}
	return kB
}

func TestCheckTellsSyntaxAlone(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, want string }{
		{"fine", "const a = await pm.sendRequest('x'); return a", ""},
		{"names nothing", "nothing.at.all()", ""},
		{"a bad token", "const a = 1;\nconst b = = 2;", "c.json:2:11: the script is no JavaScript: unexpected token in expression: '='"},
		{"unfinished", "if (true) {\n", "c.json:2:1: the script is no JavaScript: it ends where more is expected: is a bracket not closed, or a line cut off?"},
	}
	var engine Engine
	for _, c := range cases {
		got := ""
		if err := engine.Check(one(c.text)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestProblemsStandWhereTheLinesOfTheScriptStand(t *testing.T) {
	t.Parallel()
	s := one("\nnull.x;")
	s.Lines = []source.Pos{{File: "c.json", Line: 40, Col: 9}, {File: "c.json", Line: 41, Col: 9}}
	var engine Engine
	vm := engine.Open(patient())
	defer vm.Close()
	if got, want := errorsOf(vm.Run(t.Context(), s, tests())), "c.json:41:9: TypeError: Cannot read properties of null (reading 'x')"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
