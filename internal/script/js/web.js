// The names of the web platform that scripts use: text encodings, URLs, copies, hashes and random numbers.
(function (core) {
  "use strict";
  const { host } = core;
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  function invalid(message) {
    return Object.assign(new Error(message), { name: "InvalidCharacterError" });
  }

  function btoa(value) {
    const text = String(value), made = [];
    for (let i = 0; i < text.length; i += 3) {
      const a = text.charCodeAt(i), b = text.charCodeAt(i + 1), c = text.charCodeAt(i + 2);
      if (a > 255 || b > 255 || c > 255) throw invalid("btoa: a character is outside of Latin1: encode the text first, with TextEncoder or Buffer.from(text)");
      made.push(digits[a >> 2], digits[((a & 3) << 4) | (b >> 4)], i + 1 < text.length ? digits[((b & 15) << 2) | (c >> 6)] : "=", i + 2 < text.length ? digits[c & 63] : "=");
    }
    return made.join("");
  }

  function atob(value) {
    const text = String(value).replace(/[\t\n\f\r ]/g, "").replace(/={1,2}$/, "");
    if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) throw invalid("atob: the text is not base64");
    let made = "";
    for (let i = 0, bits = 0, held = 0; i < text.length; i++) {
      held = ((held << 6) | digits.indexOf(text[i])) & 0xffffff;
      bits += 6;
      if (bits >= 8) made += String.fromCharCode((held >> (bits -= 8)) & 255);
    }
    return made;
  }

  // --- text and bytes -------------------------------------------------------------------------------------------------------------

  const characters = (bytes) => {
    let made = "";
    for (let i = 0; i < bytes.length; i += 4096) made += String.fromCharCode.apply(null, bytes.subarray(i, i + 4096));
    return made;
  };
  const octets = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const view = (v) => (v instanceof ArrayBuffer ? new Uint8Array(v) : new Uint8Array(v.buffer, v.byteOffset, v.byteLength));

  class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return octets(unescape(encodeURIComponent(String(text).toWellFormed()))); }
  }

  class TextDecoder {
    constructor(label = "utf-8") {
      this.encoding = String(label).toLowerCase();
      if (!/^(utf-?8|latin1|iso-8859-1|ascii|us-ascii)$/.test(this.encoding)) throw new RangeError(`TextDecoder: unknown encoding ${label}: want utf-8 or iso-8859-1`);
    }
    decode(bytes) {
      if (bytes === undefined) return "";
      if (!/^utf/.test(this.encoding)) return characters(view(bytes));
      return core.require("buffer").Buffer.from(view(bytes)).toString("utf8").replace(/^\uFEFF/, "");
    }
  }

  // --- URLs -----------------------------------------------------------------------------------------------------------------------

  const encoded = (v) => encodeURIComponent(v).replace(/%20/g, "+").replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  const plain = (v) => {
    try {
      return decodeURIComponent(v.replace(/\+/g, " "));
    } catch (_) {
      return v;
    }
  };

  class URLSearchParams {
    #pairs = []; #changed = () => {};
    constructor(init = "", changed) {
      if (changed) this.#changed = changed;
      if (typeof init === "string" || init instanceof String) this.#read(String(init).replace(/^\?/, ""));
      else if (init && typeof init[Symbol.iterator] === "function") for (const [name, value] of init) this.#pairs.push([String(name), String(value)]);
      else if (init) for (const name of Object.keys(init)) this.#pairs.push([name, String(init[name])]);
    }
    #read(text) {
      for (const part of text.split("&").filter(Boolean)) {
        const at = part.indexOf("=");
        this.#pairs.push(at < 0 ? [plain(part), ""] : [plain(part.slice(0, at)), plain(part.slice(at + 1))]);
      }
    }
    append(name, value) { this.#pairs.push([String(name), String(value)]); this.#changed(); }
    delete(name) { this.#pairs = this.#pairs.filter(([n]) => n !== String(name)); this.#changed(); }
    get(name) { return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null; }
    getAll(name) { return this.#pairs.filter(([n]) => n === String(name)).map(([, v]) => v); }
    has(name) { return this.#pairs.some(([n]) => n === String(name)); }
    set(name, value) {
      const at = this.#pairs.findIndex(([n]) => n === String(name));
      if (at < 0) this.#pairs.push([String(name), String(value)]);
      else this.#pairs = this.#pairs.filter(([n], i) => i === at || n !== String(name)).map((p, i) => (i === at ? [p[0], String(value)] : p));
      this.#changed();
    }
    sort() { this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); this.#changed(); }
    forEach(f, context) { for (const [name, value] of this.#pairs) f.call(context, value, name, this); }
    keys() { return this.#pairs.map(([n]) => n).values(); }
    values() { return this.#pairs.map(([, v]) => v).values(); }
    entries() { return this.#pairs.map((p) => [...p]).values(); }
    [Symbol.iterator]() { return this.entries(); }
    get size() { return this.#pairs.length; }
    toString() { return this.#pairs.map(([n, v]) => `${encoded(n)}=${encoded(v)}`).join("&"); }
  }

  const ports = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21" };
  const whole = /^([A-Za-z][A-Za-z0-9+.-]*:)(?:\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/;
  const escaped = (v) => encodeURI(v).replace(/%25([0-9A-Fa-f]{2})/g, "%$1");

  function resolve(text, base) {
    const found = whole.exec(text);
    if (found) return found;
    if (base === undefined) throw new TypeError(`Invalid URL: ${text}`);
    const b = new URL(base);
    const site = b.href.slice(0, b.href.length - (b.pathname + b.search + b.hash).length);
    if (text.startsWith("//")) return whole.exec(b.protocol + text);
    if (text.startsWith("/")) return whole.exec(site + text);
    if (text.startsWith("?")) return whole.exec(site + b.pathname + text);
    if (text.startsWith("#")) return whole.exec(site + b.pathname + b.search + text);
    return whole.exec(site + b.pathname.replace(/[^/]*$/, "") + text);
  }

  function withoutDots(path) {
    const made = [];
    const parts = path.split("/");
    parts.forEach((part, i) => {
      if (part === "..") made.length > 1 && made.pop();
      else if (part !== ".") return void made.push(part);
      if (i === parts.length - 1) made.push("");
    });
    return made.join("/");
  }

  class URL {
    #search = "";
    constructor(text, base) {
      const found = resolve(String(text).trim(), base === undefined ? undefined : String(base));
      const [, protocol, user = "", host, port = "", path, search = "", hash = ""] = found;
      this.protocol = protocol.toLowerCase();
      const special = this.protocol in ports;
      if (special && !host) throw new TypeError(`Invalid URL: ${text}`);
      this.hostname = (host ?? "").toLowerCase();
      this.port = port === ports[this.protocol] ? "" : port;
      [this.username, this.password = ""] = user.split(":");
      this.pathname = special ? withoutDots(escaped(path || "/")) : path;
      this.hash = hash === "#" ? "" : escaped(hash);
      this.#search = search === "?" ? "" : escaped(search);
      Object.defineProperty(this, "searchParams", { value: new URLSearchParams(this.#search, () => { const t = this.searchParams.toString(); this.#search = t && `?${t}`; }) });
    }
    get search() { return this.#search; }
    set search(v) {
      const text = String(v).replace(/^\?/, "");
      for (const name of [...this.searchParams.keys()]) this.searchParams.delete(name);
      for (const [name, value] of new URLSearchParams(text)) this.searchParams.append(name, value);
      this.#search = text && `?${escaped(text)}`;
    }
    get host() { return this.hostname + (this.port ? `:${this.port}` : ""); }
    set host(v) { [this.hostname, this.port = ""] = String(v).split(":"); }
    get origin() { return this.protocol in ports ? `${this.protocol}//${this.host}` : "null"; }
    get href() {
      const user = this.username ? `${this.username}${this.password ? `:${this.password}` : ""}@` : "";
      return `${this.protocol}${this.hostname || this.protocol in ports ? "//" : ""}${user}${this.host}${this.pathname}${this.search}${this.hash}`;
    }
    set href(v) { Object.assign(this, new URL(v)); this.search = new URL(v).search; }
    toString() { return this.href; }
    toJSON() { return this.href; }
    static canParse(text, base) {
      try {
        return Boolean(new URL(text, base));
      } catch (_) {
        return false;
      }
    }
  }

  // --- the rest -------------------------------------------------------------------------------------------------------------------

  function structuredClone(value, seen = new Map()) {
    if (typeof value === "function" || typeof value === "symbol") throw Object.assign(new Error(`structuredClone: ${String(value)} cannot be cloned`), { name: "DataCloneError" });
    if (value === null || typeof value !== "object") return value;
    if (seen.has(value)) return seen.get(value);
    const kept = (made) => (seen.set(value, made), made);
    if (value instanceof Date) return kept(new Date(+value));
    if (value instanceof RegExp) return kept(new RegExp(value.source, value.flags));
    if (value instanceof ArrayBuffer) return kept(value.slice(0));
    if (ArrayBuffer.isView(value)) return kept(value.slice());
    if (value instanceof Map) {
      const made = kept(new Map());
      for (const [k, v] of value) made.set(structuredClone(k, seen), structuredClone(v, seen));
      return made;
    }
    if (value instanceof Set) {
      const made = kept(new Set());
      for (const v of value) made.add(structuredClone(v, seen));
      return made;
    }
    const made = kept(Array.isArray(value) ? [] : value instanceof Error ? Object.assign(new value.constructor(value.message), { stack: value.stack }) : {});
    for (const key of Object.keys(value)) made[key] = structuredClone(value[key], seen);
    return made;
  }

  const crypto = {
    getRandomValues(array) {
      view(array).set(octets(host.random(array.byteLength)));
      return array;
    },
    randomUUID() {
      const bytes = octets(host.random(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
      return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    },
    subtle: new Proxy({ digest: async (algorithm, data) => octets(host.digest(String(algorithm?.name ?? algorithm), characters(view(data)))).buffer }, {
      get(target, name) {
        if (name in target || typeof name === "symbol" || name === "then") return target[name];
        throw new Error(`crypto.subtle.${name} is not available: there is digest; require("crypto-js") has HMAC and AES, and the collection can sign JWTs without a script`);
      },
    }),
  };

  class Blob {
    #text;
    constructor(parts = [], { type = "" } = {}) {
      this.#text = parts.map((p) => (p instanceof Blob ? p.#text : ArrayBuffer.isView(p) || p instanceof ArrayBuffer ? characters(view(p)) : characters(new TextEncoder().encode(String(p))))).join("");
      this.type = type;
    }
    get size() { return this.#text.length; }
    async text() { return new TextDecoder().decode(octets(this.#text)); }
    async arrayBuffer() { return octets(this.#text).buffer; }
    slice(from, to, type) { return Object.assign(new Blob([octets(this.#text.slice(from, to))]), { type }); }
  }

  class File extends Blob {
    constructor(parts, name, options) {
      super(parts, options);
      this.name = String(name);
    }
  }

  class AbortSignal {
    aborted = false;
    reason = undefined;
    #listeners = [];
    addEventListener(_, f) { this.#listeners.push(f); }
    removeEventListener(_, f) { this.#listeners = this.#listeners.filter((l) => l !== f); }
    throwIfAborted() { if (this.aborted) throw this.reason; }
    abort(reason = Object.assign(new Error("This operation was aborted"), { name: "AbortError" })) {
      if (this.aborted) return;
      Object.assign(this, { aborted: true, reason });
      for (const f of this.#listeners) f({ type: "abort" });
    }
  }

  class AbortController {
    signal = new AbortSignal();
    abort(reason) { this.signal.abort(reason); }
  }

  // Numbers and dates in one form, that of en-US and UTC: reports must not depend on the machine.
  class NumberFormat {
    #digits;
    constructor(_, { minimumFractionDigits: least = 0, maximumFractionDigits: most = Math.max(least, 3) } = {}) { this.#digits = [least, most]; }
    format(n) {
      const [least, most] = this.#digits, [front, back = ""] = Math.abs(Number(n)).toFixed(most).split(".");
      let kept = back;
      while (kept.length > least && kept.endsWith("0")) kept = kept.slice(0, -1);
      return (n < 0 ? "-" : "") + front.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (kept && `.${kept}`);
    }
    resolvedOptions() { return { locale: "en-US", numberingSystem: "latn" }; }
  }

  class DateTimeFormat {
    format(date = new Date()) {
      const d = new Date(date);
      return `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`;
    }
    resolvedOptions() { return { locale: "en-US", calendar: "gregory", numberingSystem: "latn", timeZone: "UTC" }; }
  }

  class Collator {
    compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  }

  const performance = { now: () => host.now(), mark() {}, measure() {}, timeOrigin: Date.now() };

  return { atob, btoa, TextEncoder, TextDecoder, URL, URLSearchParams, structuredClone, crypto, Blob, File, AbortController, AbortSignal, Intl: { NumberFormat, DateTimeFormat, Collator }, performance };
})
