// What every script finds: pm, the legacy names, console, timers and require. Go evaluates this file once for each VM and talks to the
// functions that it returns; whatever a script seldom needs stands in the other files and is loaded when it is first asked for.
(function () {
  "use strict";

  const host = {};
  for (const name of ["get", "set", "drop", "all", "expand", "text", "bytes", "info", "heads", "request", "cookies", "send", "load", "digest", "random", "now"]) {
    host[name] = globalThis[`__${name}`];
    delete globalThis[`__${name}`];
  }
  const { parse, stringify } = JSON;

  // What Go refuses arrives as a TypeError, which says something about the script's own code that is not so.
  const plainly = (call) => (...args) => { try { return call(...args); } catch (e) { throw new Error(e.message); } };
  for (const name of ["send", "cookies", "digest", "random"]) host[name] = plainly(host[name]);

  // run is what belongs to the script that runs now; begin makes it anew, so nothing of it is seen by the next script.
  let run = null;

  function refuse(what) {
    throw new Error(part("refused").names[what]);
  }

  // --- what is told when something goes wrong -----------------------------------------------------------------------------------

  function describe(e) {
    if (e === null || (typeof e !== "object" && typeof e !== "function")) return { name: "", message: String(e), stack: "" };
    if (!("message" in e)) return { name: "", message: inspect(e), stack: String(e.stack ?? "") };
    return { name: String(e.name ?? "Error"), message: String(e.message), stack: String(e.stack ?? "") };
  }

  function threw(e) {
    run.errors.push(describe(e));
  }

  const inspect = (...args) => part("inspect")(...args);

  // parseJSON is JSON.parse with the messages of Postman, which name the place in the text and show it.
  function parseJSON(text, reviver) {
    try {
      return parse(typeof text === "string" && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, reviver);
    } catch (_) {
      JSON.parse = parse; // the module itself tries it first
      try {
        return require("json").parse(text, reviver);
      } finally {
        JSON.parse = parseJSON;
      }
    }
  }
  JSON.parse = parseJSON;

  // --- variables ----------------------------------------------------------------------------------------------------------------

  const given = (v) => (Array.isArray(v) ? parse(v[0]) : v);

  function store(scope, name, value) {
    if (value === null || value === undefined) return host.set(scope, String(name), null, false);
    if (typeof value === "object") return host.set(scope, String(name), stringify(value) ?? null, true);
    host.set(scope, String(name), typeof value === "function" || typeof value === "symbol" || typeof value === "bigint" ? String(value) : value, false);
  }

  class VariableScope {
    constructor(scope) {
      Object.defineProperty(this, "scope", { value: scope });
    }
    get name() { return this.scope === "environment" ? run.info.environment : undefined; }
    get(name) { return given(host.get(this.scope, String(name))); }
    has(name) { return host.get(this.scope, String(name)) !== undefined; }
    set(name, value) { store(this.scope, name, value); }
    unset(name) { host.drop(this.scope, String(name)); }
    clear() { for (const name of Object.keys(this.toObject())) host.drop(this.scope, name); }
    toObject() { return parse(host.all(this.scope)); }
    toJSON() {
      const values = Object.entries(this.toObject()).map(([key, value]) => ({ type: "any", value, key }));
      return { name: this.name, values };
    }
    replaceIn(template) {
      if (typeof template === "string") return host.expand(this.scope, template);
      if (template === null || typeof template !== "object") return template;
      if (Array.isArray(template)) return template.map((v) => this.replaceIn(v));
      return Object.fromEntries(Object.entries(template).map(([k, v]) => [k, this.replaceIn(v)]));
    }
  }

  const scopes = {};
  for (const name of ["environment", "globals", "collectionVariables", "variables", "iterationData"]) scopes[name] = new VariableScope(name);

  // --- tests --------------------------------------------------------------------------------------------------------------------

  function test(name, body) {
    const t = { name: String(name), open: true };
    run.tests.push(t);
    if (typeof body !== "function") {
      close(t, new Error(`the test has no function: want pm.test(name, () => { … }), got ${body === undefined ? "nothing" : inspect(body, 1)}`));
      return pm;
    }
    try {
      const result = body.length > 0 ? body((e) => close(t, e)) : body();
      if (body.length > 0) t.stack = new Error().stack;
      else if (result !== null && typeof result === "object" && typeof result.then === "function") {
        t.stack = new Error().stack;
        result.then(() => close(t), (e) => close(t, e ?? new Error("the test's promise was rejected")));
      } else close(t);
    } catch (e) {
      close(t, e === stop ? undefined : e ?? new Error(`the test threw ${e}`));
      if (e === stop) throw e;
    }
    return pm;
  }

  function close(t, e) {
    if (!t.open) return;
    t.open = false;
    if (e) t.error = describe(e);
  }

  test.skip = (name) => {
    run.tests.push({ name: String(name), skipped: true });
    return pm;
  };
  test.index = () => run.tests.length;

  // legacyTests turns tests["name"] = value into tests, as the last of the script's work.
  function legacyTests() {
    const tests = run.over.get("tests") ?? run.cache.tests;
    if (tests === null || typeof tests !== "object") return;
    for (const [name, value] of Object.entries(tests)) {
      const t = { name };
      if (!value) t.error = { name: "AssertionError", message: `expected ${String(value)} to be truthy`, stack: "" };
      run.tests.push(t);
    }
  }

  // --- the response -------------------------------------------------------------------------------------------------------------

  const Response = () => part("response");

  function response() {
    if (!("response" in run.cache)) {
      run.cache.response = run.answer ? new (Response())(parse(run.answer)) : undefined;
    }
    return run.cache.response;
  }

  // --- the request, and requests that a script sends ------------------------------------------------------------------------------

  function request() {
    return (run.cache.request ??= new (collection().Request)(parse(host.request())));
  }

  function cookies() {
    return (run.cache.cookies ??= collection().cookiesOf(parse(host.cookies("list", "", ""))));
  }

  function sendRequest(what, callback) {
    const sent = new Promise((resolve, reject) => {
      if (!what) return reject(new Error("sendrequest: nothing to request"));
      const id = ++run.sent;
      run.calls.set(id, { resolve, reject, problem: new Error() });
      host.send(id, stringify(collection().sendable(what)));
    });
    if (typeof callback !== "function") return sent;
    sent.then((res) => callback.call(pm, null, res, { cookies: res.cookies }), (err) => callback.call(pm, err));
    return pm;
  }

  // answered hands the answer to a request that the script sent to whoever waits for it.
  function answered(id, error, answer) {
    const call = run.calls.get(id);
    run.calls.delete(id);
    if (!call) return;
    if (error) call.reject(Object.assign(call.problem, { message: error })); // made when it was sent, so that its place is there
    else call.resolve(new (Response())(parse(answer)));
  }

  // --- timers -------------------------------------------------------------------------------------------------------------------

  function timer(fn, delay, args, every) {
    if (typeof fn !== "function") throw new TypeError(`a timer wants a function, got ${inspect(fn, 1)}`);
    const wait = Math.min(Math.max(Number(delay) || 0, 0), 2 ** 31), t = { id: ++run.timed, at: host.now() + wait, fn, args, every: every ? Math.max(wait, 1) : undefined };
    run.timers.set(t.id, t);
    return t.id;
  }

  function nextTimer() {
    let next;
    for (const t of run.timers.values()) if (!next || t.at < next.at) next = t;
    return next;
  }

  // due returns in how many milliseconds the next timer fires, or -1 where there is none.
  function due() {
    const next = nextTimer();
    return next ? Math.max(next.at - host.now(), 0) : -1;
  }

  function fire() {
    const t = nextTimer();
    if (!t) return;
    if (t.every) t.at = Math.max(t.at + t.every, host.now());
    else run.timers.delete(t.id);
    try {
      t.fn(...t.args);
    } catch (e) {
      threw(e);
    }
  }

  const setTimeout = (fn, delay, ...args) => timer(fn, delay, args, false);
  const setInterval = (fn, delay, ...args) => timer(fn, delay, args, true);
  const setImmediate = (fn, ...args) => timer(fn, 0, args, false);
  const clearTimer = (id) => void run.timers.delete(id);

  // --- console ------------------------------------------------------------------------------------------------------------------

  const console = {};
  for (const level of ["log", "info", "warn", "error", "debug"]) console[level] = (...args) => say(level, args.map((a) => inspect(a)).join(" "));
  console.trace = console.dir = console.table = console.group = console.groupCollapsed = console.log;
  console.assert = (truth, ...args) => { if (!truth) console.error("Assertion failed:", ...args); };
  console.clear = console.groupEnd = console.time = console.timeEnd = console.count = () => {};

  function say(level, text) {
    run.said += text.length;
    if (run.said <= 1 << 20) run.lines.push({ level, text });
    else if (!run.cut) run.cut = run.lines.push({ level: "warn", text: "the script writes more than 1 MiB to the console: the rest is left out" });
  }

  // --- modules ------------------------------------------------------------------------------------------------------------------

  const loaded = new Map();
  const own = {
    atob: () => atob, btoa: () => btoa, "postman-collection": () => collection().exports,
    chai: () => expectations(), timers: () => ({ setTimeout, setInterval, setImmediate, clearTimeout: clearTimer, clearInterval: clearTimer, clearImmediate: clearTimer }),
  };
  const bundled = ["ajv", "assert", "backbone", "buffer", "cheerio", "crypto-js", "csv-parse/lib/sync", "events", "json", "lodash", "moment", "path",
    "punycode", "querystring", "string_decoder", "tv4", "url", "util", "uuid", "xml2js"];
  const process = { env: {}, argv: [], version: "", versions: {}, platform: "hgrun", browser: true, noDeprecation: true, cwd: () => "/", emitWarning() {}, nextTick: (fn, ...args) => void Promise.resolve().then(() => fn(...args)) };

  function require(name) {
    const wanted = String(name).replace(/^node:/, "");
    if (own[wanted]) return own[wanted]();
    if (loaded.has(wanted)) return loaded.get(wanted).exports;
    if (!bundled.includes(wanted) && Object.hasOwn(part("refused").modules, wanted)) throw new Error(`require("${name}") is refused: ${part("refused").modules[wanted]}`);
    if (!bundled.includes(wanted)) throw new Error(`Cannot find module '${name}': there is ${[...bundled, ...Object.keys(own)].sort().join(", ")}`);
    return load(wanted);
  }

  function load(name) {
    const module = { exports: {} };
    loaded.set(name, module);
    try {
      host.load(name).call(module.exports, module, module.exports, inner, process, globalThis);
    } catch (e) {
      loaded.delete(name);
      throw e;
    }
    return module.exports;
  }

  // withoutProxy calls f as an engine without Proxy would.
  function withoutProxy(f) {
    const { Proxy } = globalThis;
    globalThis.Proxy = undefined;
    try {
      return f();
    } finally {
      globalThis.Proxy = Proxy;
    }
  }

  // inner is the require of the bundles themselves: they find one more module than scripts do.
  const inner = (name) => (loaded.has(name) ? loaded.get(name).exports : name === "lodash3" ? load(name) : require(name));

  const parts = new Map();
  function part(name) {
    if (!parts.has(name)) parts.set(name, host.load(`./${name}`)(core));
    return parts.get(name);
  }
  const collection = () => part("collection");
  const web = () => part("web");
  const atob = (...args) => web().atob(...args);
  const btoa = (...args) => web().btoa(...args);

  let chai;
  function expectations() {
    if (!chai) {
      chai = withoutProxy(() => load("chai"));
      part("expect")(chai);
    }
    return chai;
  }
  const expect = (value, message) => new (expectations().Assertion)(value, message);
  expect.fail = (...args) => expectations().expect.fail(...args);

  // core is what the other files see of this one.
  const core = { host, url: (lists) => part("url")(lists), get Response() { return Response(); }, parseJSON, require, inspect, expect, isRequest: (v) => collection().Request.isRequest(v), say, later: (fn) => setImmediate(fn), lodash: () => inner("lodash"),
    lodash3: () => inner("lodash3"), run: () => run, scopes, response, request, cookies, collection, setNextRequest: (name) => execution.setNextRequest(name) };

  // --- pm -----------------------------------------------------------------------------------------------------------------------

  const visualizer = {
    set() { note("pm.visualizer.set is ignored: a run shows no pages"); },
    clear() {},
  };

  function note(text) {
    if (!run.lines.some((line) => line.text === text)) say("info", text);
  }

  const vault = { get: () => refuse("pm.vault"), set: () => refuse("pm.vault"), unset: () => refuse("pm.vault") };

  const execution = {
    setNextRequest(name) { run.next = name === undefined || name === null ? null : String(name); },
    skipRequest() {
      if (run.listen !== "prerequest") throw new TypeError("pm.execution.skipRequest is not a function: a request can be skipped by a prerequest script only");
      run.skip = true;
      throw stop;
    },
    runRequest: () => refuse("pm.execution.runRequest"),
    get location() { return Object.assign([...run.info.path], { current: run.listen === "prerequest" || run.listen === "test" ? run.info.path.at(-1) : "" }); },
  };
  const stop = Object.assign(new Error("the request is skipped"), { name: "Skipped" });

  const pmBase = {
    get info() {
      const { iteration, iterationCount, requestName, requestId } = run.info;
      return { eventName: run.listen, iteration, iterationCount, requestName, requestId };
    },
    ...scopes, vault, visualizer, test, expect, sendRequest,
    get request() { return request(); },
    set request(v) { throw new TypeError("pm.request cannot be replaced: change its method, url, headers and body"); },
    get response() { return run.listen === "test" ? response() : undefined; },
    get cookies() { return cookies(); },
    get execution() { return execution; },
    require: () => refuse("pm.require"),
    datasets: () => refuse("pm.datasets"),
  };
  let pm = null;

  // --- the names that scripts find ------------------------------------------------------------------------------------------------

  const nothing = () => undefined;
  const names = {
    pm: () => pm, console: () => console, require: () => require, process: nothing,
    setTimeout: () => setTimeout, setInterval: () => setInterval, setImmediate: () => setImmediate,
    clearTimeout: () => clearTimer, clearInterval: () => clearTimer, clearImmediate: () => clearTimer,
    queueMicrotask: () => (fn) => void Promise.resolve().then(() => fn()),
    atob: () => atob, btoa: () => btoa, Buffer: () => require("buffer").Buffer,
  };
  for (const name of ["URL", "URLSearchParams", "TextEncoder", "TextDecoder", "structuredClone", "crypto", "Blob", "File", "AbortController", "AbortSignal", "Intl", "performance"]) names[name] = () => web()[name];

  names.tests = () => (run.cache.tests ??= {});
  for (const name of ["environment", "globals", "data", "iteration", "request", "postman", "responseBody", "responseCode", "responseTime", "responseHeaders", "responseCookies",
    "_", "CryptoJS", "tv4", "cheerio", "Backbone", "xml2Json"]) names[name] = () => part("legacy")[name]();

  for (const [name, get] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, {
      get: () => (run !== null && run.over.has(name) ? run.over.get(name) : get()),
      set: (value) => void run.over.set(name, value),
      configurable: true, enumerable: false,
    });
  }

  // Old scripts ask responseBody.has("text").
  Object.defineProperty(String.prototype, "has", { value(part) { return this.includes(part); }, configurable: true, writable: true });

  // --- what Go calls ------------------------------------------------------------------------------------------------------------

  // begin starts a script. answer is the response in JSON, or empty where there is none.
  function begin(script, listen, answer) {
    run = { listen, answer, get info() { return (this.cache.info ??= parse(host.info())); },
      tests: [], lines: [], errors: [], cache: {}, over: new Map(), timers: new Map(), timed: 0, calls: new Map(), sent: 0, said: 0, waits: false };
    pm = Object.create(pmBase);
    try {
      const result = script.call(globalThis);
      if (result === null || typeof result !== "object" || typeof result.then !== "function") return;
      run.waits = true;
      result.then(() => { run.waits = false; }, (e) => { run.waits = false; failed(e); });
    } catch (e) {
      failed(e);
    }
  }

  function failed(e) {
    if (e !== stop) threw(e);
  }

  const plain = (t) => !t.error && !t.skipped && !t.name.includes("\n");

  // rejected takes the reason of a promise that nobody awaited from where Go has put it.
  function rejected() {
    const reason = globalThis.__reason;
    delete globalThis.__reason;
    failed(reason);
  }

  // finish tells what the script has done, in JSON; of one that did nothing but tests that passed, their names, each behind a line feed. why is empty, or says
  // why it was stopped before its end.
  function finish(why) {
    if (!why) legacyTests();
    const left = why || "the test never ended: its callback was not called, or its promise not settled, and nothing is left to wait for";
    for (const t of run.tests) if (t.open) t.error = { name: "", message: left, stack: t.stack ?? "" };
    if (!why && run.waits) threw(new Error("the script waits for a promise, and nothing is left that could settle it"));
    run.timers.clear();
    run.calls.clear();
    const changed = run.cache.request && run.listen === "prerequest";
    if (!changed && !run.skip && run.next === undefined && run.lines.length === 0 && run.errors.length === 0 && run.tests.every(plain)) return run.tests.map((t) => `\n${t.name}`).join("");
    const outcome = { tests: run.tests, console: run.lines, errors: run.errors, skip: run.skip };
    if (run.next !== undefined) outcome.next = { name: run.next };
    if (changed) outcome.request = run.cache.request.toJSON();
    return stringify(outcome);
  }

  // forget removes the names that scripts have left behind; those that it knows were there before the first of them. A name that is new comes last.
  const before = Object.getOwnPropertyNames(globalThis);
  let known;
  function forget() {
    const names = Object.getOwnPropertyNames(globalThis);
    if (names.length === before.length && names[0] === before[0] && names.at(-1) === before.at(-1)) return;
    known ??= new Set(before);
    for (const name of names) if (!known.has(name)) Reflect.deleteProperty(globalThis, name);
  }

  return { begin, forget, finish, fire, due, answered, rejected, compile: (text) => (0, eval)(text) };
})()
