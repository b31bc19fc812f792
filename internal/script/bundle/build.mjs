// Bundles the modules of package.json into one minified, compressed file each, with their licences and a list of checksums.
// Run it with `make bundle` (node 20 or newer, npm); the files it writes are committed, because `go install` needs them.
// `node build.mjs --check` writes nothing and says whether the committed files are what it would write.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

// What a script requires, and the package it gets. A name on the left is also what one bundle asks another for.
const modules = {
  "ajv": "ajv",
  "assert": "assert/",
  "backbone": "backbone",
  "buffer": "buffer/",
  "chai": "chai",
  "cheerio": "cheerio",
  "crypto-js": "crypto-js",
  "csv-parse/lib/sync": "csv-parse/lib/sync",
  "events": "events/",
  "json": "liquid-json",
  "lodash": "lodash",
  "lodash3": "lodash3",
  "moment": "moment",
  "path": "path-browserify",
  "punycode": "punycode/",
  "querystring": "querystring-es3",
  "string_decoder": "string_decoder/",
  "tv4": "tv4",
  "url": "url/",
  "util": "util/",
  "uuid": "uuid",
  "xml2js": "xml2js",
};

// What a package asks for under another name, and what takes its place: a module above, or a file of stubs.
const stubs = { "timers": "stubs/timers.js", "stream": "stubs/stream.js", "crypto": "stubs/empty.js", "jquery": "stubs/empty.js" };
const aliases = { "underscore": "lodash", "buffer/": "buffer", "events/": "events", "punycode/": "punycode", "util/": "util", "url/": "url" };

function shared(self) {
  return {
    name: "shared",
    setup(b) {
      b.onResolve({ filter: /^[^./]/ }, (args) => {
        if (args.kind === "entry-point") return undefined;
        if (args.importer.endsWith("<stdin>")) return undefined;
        const name = aliases[args.path] ?? args.path;
        if (stubs[name]) return { path: join(here, stubs[name]) };
        if (name !== self && modules[name]) return { path: name, external: true };
        return undefined;
      });
    },
  };
}

async function bundle(name, from) {
  const result = await build({
    stdin: { contents: `module.exports = require(${JSON.stringify(from)})`, resolveDir: here, sourcefile: "<stdin>" },
    absWorkingDir: here, bundle: true, minify: true, platform: "browser", format: "cjs", target: "es2020", charset: "utf8",
    legalComments: "none", write: false, metafile: true, plugins: [shared(name)], logLevel: "error",
  });
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

function packagesOf(inputs) {
  const found = new Set();
  for (const input of inputs) {
    const at = input.startsWith("(disabled):") ? -1 : input.lastIndexOf("node_modules/");
    if (at >= 0) found.add(input.slice(0, at) + input.slice(at).split("/").slice(0, input.slice(at + 13).startsWith("@") ? 3 : 2).join("/"));
  }
  return found;
}

function licence(dir) {
  const about = JSON.parse(readFileSync(join(here, dir, "package.json"), "utf8"));
  const file = readdirSync(join(here, dir)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file ? readFileSync(join(here, dir, file), "utf8").trim() : `Licence: ${about.license ?? about.licenses?.[0]?.type}`;
  return `${about.name} ${about.version}\n${"-".repeat(about.name.length + about.version.length + 1)}\n\n${text}\n`;
}

const files = {};
const packages = new Set();
for (const [name, from] of Object.entries(modules)) {
  const { text, inputs } = await bundle(name, from);
  for (const found of packagesOf(inputs)) packages.add(found);
  files[`${name.replaceAll("/", "_")}.js.gz`] = gzipSync(text, { level: 9 });
}
const licences = [...packages].sort().map(licence);
files["LICENSES.txt"] = Buffer.from([...new Set(licences)].join("\n\n"));

const sum = (content) => createHash("sha256").update(content).digest("hex");
const made = Object.entries(files).map(([name, content]) => `${sum(content)}  ${name}`);
const from = ["build.mjs", "package.json", "package-lock.json"].map((name) => `${sum(readFileSync(join(here, name)))}  ${name}`);
files["SHA256SUMS"] = Buffer.from([...from, ...made].sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("\n") + "\n");

let stale = 0;
for (const [name, content] of Object.entries(files)) {
  const path = join(here, name);
  if (existsSync(path) && readFileSync(path).equals(content)) continue;
  stale++;
  if (process.argv.includes("--check")) console.error(`${name} is not what build.mjs writes`);
  else writeFileSync(path, content);
}
process.exitCode = stale > 0 && process.argv.includes("--check") ? 1 : 0;
