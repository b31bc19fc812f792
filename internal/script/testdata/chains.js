// Makes chains of expectations by chance, and tells where pm.expect and chai as it comes do not say the same. The test puts the code of chai into `source`, and
// says from which seed to which.
const plain = { exports: {} };
(0, eval)(source)(plain, plain.exports, require, { env: {} }, globalThis);

let seed = 0;
function chance() { // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (list) => list[Math.floor(chance() * list.length)];

const values = ["1", "0", "-0", "NaN", "5.5", "'abc'", "''", "'a b'", "'it\\'s'", "'1'", "true", "false", "null", "undefined", "[]", "[1, 2, 3]", "['a', 'b']", "[{a: 1}, {b: 2}]", "{}", "{a: 1}",
  "{a: 1, b: {c: 2}}", "{b: 1, a: 1}", "new Map([['a', 1]])", "new Set([1, 2])", "new Date(0)", "/a/", "(function f() {})", "(() => { throw new TypeError('boom') })", "Symbol.iterator", "[[1], [2]]",
  "10n", "'x'.repeat(60)", "{length: 2}", "Object.create(null)", "new Error('e')", "[undefined]", "{a: undefined}", "{'a.b': 1}", "{a: {b: [{c: 3}]}}", "Infinity"];
const words = ["to", "be", "been", "is", "and", "has", "have", "with", "that", "which", "at", "of", "same", "but", "does", "still", "also"];
const flags = ["not", "deep", "nested", "own", "ordered", "any", "all", "itself"];
const asked = ["ok", "true", "false", "null", "undefined", "NaN", "exist", "exists", "empty", "arguments", "extensible", "sealed", "frozen", "finite"];
const kinds = ["'string'", "'number'", "'array'", "'object'", "'boolean'", "'null'", "'undefined'", "'function'", "'map'", "'Date'", "'regexp'"];
const names = ["'a'", "'b'", "'c'", "'a.b'", "'b.c'", "'a.b[0].c'", "'length'", "0", "'a', 'b'", "['a']", "['a', 'b']", "{a: 1}", "'z'"];
const numbers = ["0", "1", "2", "3", "5", "5.5", "'1'", "10"];
const lists = ["[1]", "['a']", "[{a: 1}]", "['a', 'b']", "[1, 2]", "[1, 2, 3]", "[3, 2, 1]", "['b', 'a']", "[]", "[{b: 2}, {a: 1}]", "1"];
const bounds = ["above", "gt", "greaterThan", "least", "gte", "below", "lt", "lessThan", "most", "lte"];

let subject;
const value = () => (chance() < 0.4 ? subject : pick(values));
const ends = [
  () => `${pick(["equal", "equals", "eq", "eql", "eqls"])}(${value()}${chance() < 0.1 ? ", 'told'" : ""})`,
  () => `${pick(bounds)}(${pick(numbers)})`,
  () => `within(${pick(numbers)}, ${pick(numbers)})`,
  () => `${pick(["closeTo", "approximately"])}(${pick(numbers)}, ${pick(numbers)})`,
  () => `${pick(["a", "an"])}(${pick(kinds)})`,
  () => `${pick(["include", "includes", "contain", "contains"])}(${value()})`,
  () => `${pick(["include", "contains"])}.keys(${pick(names)})`,
  () => `${pick(["include", "contain"])}.${pick(["members", "deep.members", "all.keys", "any.keys", "ordered.members"])}(${pick(lists)})`,
  () => `${pick(["keys", "key"])}(${pick(names)})`,
  () => `property(${pick(names)}${chance() < 0.4 ? `, ${value()}` : ""})`,
  () => `${pick(["ownProperty", "haveOwnProperty", "ownPropertyDescriptor"])}(${pick(names)})`,
  () => `${pick(["lengthOf", "length"])}(${pick(numbers)})`,
  () => `${pick(["lengthOf", "length"])}.${pick(bounds)}(${pick(numbers)})`,
  () => `${pick(["match", "matches"])}(${pick(["/a/", "/^x/", "/1/"])})`,
  () => `string(${pick(["'a'", "'b'", "1"])})`,
  () => `members(${pick(lists)})`,
  () => `oneOf(${pick(["[1, 2]", "['abc']", "[{a: 1}]", "'abc'", "[NaN]"])})`,
  () => `${pick(["throw", "throws", "Throw"])}(${pick(["", "'boom'", "TypeError", "/bo/", "RangeError", "'other'"])})`,
  () => `${pick(["instanceof", "instanceOf"])}(${pick(["Array", "Map", "Error", "Object", "5"])})`,
  () => `${pick(["respondTo", "respondsTo"])}(${pick(["'map'", "'get'", "'x'"])})`,
  () => `${pick(["satisfy", "satisfies"])}(${pick(["(x) => x > 1", "() => true", "() => false"])})`,
  () => pick(asked), () => pick(asked), () => pick(asked),
  () => `${pick(["equal", "true", "a", "keys", "ok", "include"])}.${pick(["foo", "length", "name", "to", "call"])}`,
  () => pick(["foo", "equl", "notAWord", "then", "toJSON", "inspect", "constructor", "toString"]),
];

function chain() {
  let text = "";
  for (let n = Math.floor(chance() * 3); n > 0; n--) text += `.${pick(words)}`;
  if (chance() < 0.35) text += `.${chance() < 0.6 ? "not" : pick(flags)}`;
  if (chance() < 0.1) text += `.${pick(flags)}`;
  if (chance() < 0.2) text += `.${pick(words)}`;
  text += `.${pick(ends)()}`;
  return chance() < 0.25 ? text + chain() : text;
}

// statements are one chain, or three of one assertion that is kept.
function statements() {
  subject = pick(values);
  const about = chance() < 0.15 ? ", 'about'" : "";
  if (chance() < 0.7) return `expect(${subject}${about})${chain()}`;
  return `const e = expect(${subject}${about}); ${[1, 2, 3].map((n) => `at(${n}); e${chain()}`).join("; ")}`;
}

function said(text, expect) {
  let place = 0;
  try {
    new Function("expect", "at", text)(expect, (n) => { place = n; });
    return "holds";
  } catch (e) {
    return `${place} ${e.name}: ${e.message}`;
  }
}

let held = 0;
for (let i = from; i < to; i++) {
  seed = i;
  const text = statements(), want = said(text, plain.exports.expect), got = said(text, pm.expect);
  if (want === "holds") held++;
  if (got !== want) console.error(`${i}: ${text}\n\tgot  ${got}\n\twant ${want}`);
}
console.log(held);
