package runner

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/script"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// CompatNewman is what Runner.Compat is to be where runs shall end as Newman's would: what is stricter here is passed over.
const CompatNewman = "newman"

// placeOfScripts is where templates stand that a script has made.
var placeOfScripts = source.Pos{}

// scripting is what the scripts of a round share. It belongs to the goroutine of the round.
type scripting struct {
	*variables
	lane       *lane
	collection vars.Layer // the variables of the collection; without Values before the first request
	jumps      *jumps
	rows       *rowCount // of the collection
}

// rowCount is how many rows a run has in all. A file is counted once, and only where scripts run.
type rowCount struct {
	once sync.Once
	n    int
}

func (r *rowCount) of(d *collections.Data, s *vars.Scope) int {
	r.once.Do(func() { r.n = d.Counted(s) })
	return r.n
}

// lane is the VM in which scripts run one after another.
type lane struct {
	engine *script.Engine
	limits script.Limits
	vm     *script.VM // nil before the first script
	forget bool       // what scripts of another row have left in it, before the next script
}

// spare are the VMs of rows that run beside each other, no more than there are workers.
type spare struct {
	mu   sync.Mutex
	free []*script.VM
}

// lend gives the scripts of a row that begins a VM that no other row has just now.
func (s *spare) lend(to *scripting) {
	if to == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		to.lane.vm, s.free = s.free[n-1], s.free[:n-1]
	}
}

// back takes the VM of a row that is over.
func (s *spare) back(from *scripting) {
	if from == nil || from.lane.vm == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, from.lane.vm)
	from.lane.vm = nil
}

// close ends the VMs. No row has one any more.
func (s *spare) close() {
	for _, vm := range s.free {
		vm.Close()
	}
	s.free = nil
}

// scripting returns what the scripts of a collection need, nil where it has none.
func (s *suite) scripting() *scripting {
	for _, req := range s.job.Collection.Requests() {
		if req.Judged() || len(req.Scripts(collections.Prerequest)) > 0 {
			lane := &lane{engine: &s.runner.engine, limits: script.Limits{Time: s.runner.ScriptTime}}
			_, _, globals := split(req.Layers)
			return &scripting{variables: newVariables(s.layers[0], s.layers[1], globals), lane: lane, jumps: newJumps(s.job.Collection), rows: &rowCount{}}
		}
	}
	return nil
}

// copied returns what the scripts of a row need that runs beside others: what was set until now, and a VM that no other row has while they do.
func (s *scripting) copied() *scripting {
	c := *s
	c.variables, c.jumps = s.variables.copied(), s.jumps.anew()
	c.lane = &lane{engine: s.lane.engine, limits: s.lane.limits, forget: true}
	if s.collection.Values != nil {
		c.collection = s.collection.Own()
	}
	return &c
}

// apart returns what the scripts of an included collection need: the same, but for the variables of the collection.
func (s *scripting) apart() *scripting {
	if s == nil {
		return nil
	}
	c := *s
	c.collection = vars.Layer{}
	return &c
}

// has reports whether a variable has a value that a script may have set.
func (s *scripting) has(name string) bool {
	for _, l := range []vars.Layer{s.line, s.environment, s.collection, s.globals} {
		if l.Has(name) {
			return true
		}
	}
	return false
}

// brought returns what was captured, or what scripts have set.
func (x *round) brought(name string) (vars.Value, bool) {
	if v, ok := x.scope.CapturedValue(name); ok {
		return v, true
	}
	if s := x.scripts; s != nil && s.made[name] {
		for _, l := range []vars.Layer{s.line, s.environment, s.collection, s.globals} {
			if v, ok := x.scope.LookupIn(l, name); ok {
				return v, true
			}
		}
	}
	return vars.Value{}, false
}

// leave tells what the scripts have left in the variables.
func (x *round) leave() {
	switch left := x.runner.Left; {
	case left == nil:
	case x.scripts != nil:
		left(x.scripts.environment, x.scripts.globals)
	default:
		var globals vars.Layer
		for _, req := range x.job.Collection.Requests() {
			_, _, globals = split(req.Layers)
		}
		left(x.suite.layers[1], globals)
	}
}

// close ends the VM.
func (s *scripting) close() {
	if s != nil && s.lane.vm != nil {
		s.lane.vm.Close()
		s.lane.vm = nil
	}
}

// layers returns the variables of a request and of what is around it, with those of the collection as scripts have made them, and
// the globals below.
func (x *round) layers(req *collections.Request) []vars.Layer {
	s := x.scripts
	if s == nil {
		return req.Layers
	}
	layers, own, _ := split(req.Layers)
	if s.collection.Values == nil {
		s.collection = own.Own()
	}
	return append(layers[:len(layers):len(layers)], s.collection, s.globals)
}

// split returns the layers of a request without the last two, which are those of the collection and the globals.
func split(layers []vars.Layer) (inner []vars.Layer, collection, globals vars.Layer) {
	collection, globals = vars.Layer{Name: "collection"}, vars.Layer{Name: "globals"}
	for _, last := range []*vars.Layer{&globals, &collection} {
		if n := len(layers); n > 0 && layers[n-1].Name == last.Name {
			layers, *last = layers[:n-1], layers[n-1]
		}
	}
	return layers, collection, globals
}

// scripted is what the scripts of one attempt have done.
type scripted struct {
	tests   []Test
	console []ConsoleLine
	failed  []Problem // tests that failed
	broken  []Problem // scripts that ended in an error
}

// judged is how many tests were run.
func (s *scripted) judged() int {
	n := 0
	for i := range s.tests {
		if !s.tests[i].Skipped {
			n++
		}
	}
	return n
}

// script runs the scripts of an event, the outermost first, and adds what they do to done. What they would have run next and whether
// the request shall be skipped comes back in the last outcome.
func (c *course) script(ctx context.Context, listen string, ex *wire.Exchange, done *scripted) (last script.Outcome) {
	scripts := c.req.Scripts(listen)
	if len(scripts) == 0 {
		return last
	}
	sends := &sends{course: c}
	e := c.event(listen, ex, sends)
	for i, o := range c.scripts.lane.run(ctx, scripts, e) {
		c.note(scripts[i], &o, done)
		if o.Next != nil {
			last.Next = o.Next
		}
		last.Skip = last.Skip || o.Skip
		if o.Request != nil {
			last.Request = o.Request
		}
	}
	sends.flush()
	return last
}

// run runs the scripts of an event in the VM of the lane.
func (l *lane) run(ctx context.Context, scripts []*collections.Script, e *script.Event) []script.Outcome {
	if l.vm == nil {
		l.vm = l.engine.Open(l.limits)
	}
	if l.forget {
		l.vm.Forget()
		l.forget = false
	}
	texts := make([]script.Script, len(scripts))
	for i, s := range scripts {
		texts[i] = script.Script{Pos: s.Pos, Text: s.Text, Lines: s.Lines}
	}
	return l.vm.RunAll(ctx, texts, e)
}

// event returns what the scripts of the request see.
func (c *course) event(listen string, ex *wire.Exchange, sends *sends) *script.Event {
	name := c.result.Name
	e := &script.Event{Exchange: ex, Cookies: c.jars.of(c.req.Flow.Share.Session.Name), Send: sends.send, Scopes: c.floors(),
		Info: script.Info{Listen: listen, Request: c.req.Name, Environment: c.id.Environment, Iterations: 1,
			Path: append(append([]string{c.id.Name}, name.Folders...), c.req.Name)}}
	if c.row != nil {
		e.Info.Iteration, e.Info.Iterations = c.row.Number-1, max(c.scripts.rows.of(c.job.Collection.Data, c.scope), c.row.Number)
	}
	if ex == nil {
		e.Request = written(&c.message)
	} else {
		e.Request = sent(&ex.Request)
	}
	return e
}

// floors are the scopes of Postman.
func (c *course) floors() script.Scopes {
	s := c.scripts
	heard := func(name string) { delete(c.causes.captures, name) }
	floor := func(name string, layer vars.Layer) *floor { return &floor{s.variables, name, layer, c.scope, heard} }
	scopes := script.Scopes{
		Local:       local{floor(ofLocal, s.line)},
		Environment: floor(ofEnvironment, s.environment),
		Collection:  floor("collectionVariables", s.collection),
		Globals:     floor("globals", s.globals),
	}
	if c.row != nil {
		scopes.Data = columns{c.row}
	}
	return scopes
}

// note takes over what one script has done, redacted.
func (c *course) note(s *collections.Script, o *script.Outcome, done *scripted) {
	for _, v := range o.Tests {
		test := Test{Name: c.called(v.Name, s), Pos: s.Pos, Skipped: v.Skipped}
		if v.Err != nil {
			problems := c.problems(AssertionFailure, v.Err.Pos.Errorf("%s: %w", v.Name, v.Err.Err), s.Pos)
			done.failed = append(done.failed, problems...)
			test.Pos, test.Message = v.Err.Pos, c.compared(v.Err.Err.Error())
		}
		done.tests = append(done.tests, test)
	}
	for _, l := range o.Console {
		done.console = append(done.console, ConsoleLine{Level: l.Level, Text: c.redact(l.Text)})
	}
	for _, err := range o.Errors {
		done.broken = append(done.broken, c.problems(ScriptError, err, s.Pos)...)
	}
}

// called returns the name of a test without secrets and, where the script has made it of what it found, without patient data: to look for those takes
// longer than most tests do.
func (c *course) called(name string, s *collections.Script) string {
	if strings.Contains(s.Text, name) {
		return redactText(c.scope.Secrets(), name)
	}
	return c.redact(name)
}

// before runs the prerequest scripts of an attempt. It returns false and why where nothing is to be sent.
func (c *course) before(ctx context.Context) (t try, goOn bool) {
	c.said = scripted{}
	c.message = c.req.Message
	if c.scripts == nil {
		return t, true
	}
	o := c.script(ctx, collections.Prerequest, nil, &c.said)
	c.jump(o.Next)
	switch {
	case o.Skip:
		return try{outcome: Skipped, reason: fmt.Sprintf("pm.execution.skipRequest() in the %s script", collections.Prerequest), skip: SkipCondition, scripted: c.said}, false
	case len(c.said.broken) > 0 && ctx.Err() != nil:
		return try{outcome: Skipped, reason: interrupted, skip: SkipStop, scripted: c.said}, false
	case len(c.said.broken) > 0 && c.runner.Compat != CompatNewman:
		return try{outcome: Errored, problems: append(c.said.failed, c.said.broken...), judged: judgement{count: c.said.judged()}, scripted: c.said}, false
	}
	if o.Request != nil {
		if err := c.rewrite(o.Request); err != nil {
			return try{outcome: Errored, problems: c.problems(ScriptError, err, c.req.Pos), scripted: c.said}, false
		}
	}
	return t, true
}

// after runs the test scripts on an answer that was judged, and adds what they found to the attempt.
func (c *course) after(ctx context.Context, t *try) {
	if c.scripts == nil {
		return
	}
	o := c.script(ctx, collections.Test, t.exchange, &c.said)
	c.jump(o.Next)
	t.scripted = c.said
	t.judged.count += c.said.judged()
	if f, bad := c.silent(t.exchange.Response, &c.said); bad {
		t.problems, t.outcome = append(t.problems, f), Failed
	}
	if len(c.said.failed) > 0 {
		t.problems, t.outcome = append(t.problems, c.said.failed...), max(t.outcome, Failed)
	}
	if len(c.said.broken) > 0 {
		t.problems, t.outcome = append(t.problems, c.said.broken...), Errored
	}
}

// silent fails an answer of 400 and above where the scripts that could have judged it tested nothing: it is never green.
func (c *course) silent(resp *wire.Response, said *scripted) (Problem, bool) {
	if resp.Status < 400 || !c.req.Judged() || c.runner.Compat == CompatNewman || c.req.Expect.JudgesStatus() || said.judged() > 0 || len(said.broken) > 0 {
		return Problem{}, false
	}
	return Problem{Pos: c.req.Pos, Kind: AssertionFailure,
		Message: fmt.Sprintf("status: got %d, want below 400 (no expectation says otherwise, and no script has tested anything)", resp.Status)}, true
}
