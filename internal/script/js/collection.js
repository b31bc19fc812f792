// The classes of Postman's collection format that scripts meet: headers, URLs, parameters, bodies, requests, cookies.
(function (core) {
  "use strict";
  const { host, Response, inspect, require, lodash } = core;

  // --- lists ----------------------------------------------------------------------------------------------------------------------

  // PropertyList holds items by position and by key. A key may stand more than once; the last one is the one that get finds.
  class PropertyList {
    constructor(Type, parent, items) {
      Object.defineProperties(this, { Type: { value: Type }, parent: { value: parent, writable: true }, members: { value: [], writable: true } });
      this.populate(items);
    }
    make(item) { return item instanceof this.Type ? item : new this.Type(item); }
    same(a, b) { return this.Type.caseless ? String(a).toLowerCase() === String(b).toLowerCase() : String(a) === String(b); }
    keyOf(item) { return item === undefined || item === null ? undefined : typeof item === "string" ? item : item[this.Type.key]; }
    all() { return [...this.members]; }
    each(f, context) { this.members.forEach((item, i) => f.call(context, item, i, this.members)); }
    forEach(f, context) { this.each(f, context); }
    filter(rule, context) { return lodash().filter(this.members, context === undefined ? rule : rule.bind(context)); }
    find(rule, context) { return lodash().find(this.members, context === undefined || typeof rule !== "function" ? rule : rule.bind(context)); }
    map(f, context) { return this.members.map((item, i) => f.call(context, item, i, this.members)); }
    reduce(f, first) { return this.members.reduce(f, first); }
    count() { return this.members.length; }
    idx(i) { return this.members[i]; }
    indexOf(item) { return this.members.indexOf(typeof item === "string" ? this.one(item) : item); }
    one(key) { return this.members.findLast((m) => this.same(this.keyOf(m), key)); }
    get(key) {
      const item = this.one(key);
      return item && item.valueOf();
    }
    has(item, value) {
      const found = this.members.filter((m) => (typeof item === "string" ? this.same(this.keyOf(m), item) : m === item));
      return arguments.length < 2 ? found.length > 0 : found.some((m) => m.valueOf() === value);
    }
    add(item) {
      if (item !== undefined && item !== null) this.members.push(this.make(item));
    }
    append(item) { this.add(item); }
    prepend(item) { this.insert(item, 0); }
    insert(item, before) {
      const at = typeof before === "number" ? before : before === undefined ? -1 : this.indexOf(before);
      this.members.splice(at < 0 ? this.members.length : at, 0, this.make(item));
    }
    insertAfter(item, after) {
      const at = typeof after === "number" ? after : this.indexOf(after);
      this.members.splice(at + 1, 0, this.make(item)); // at the start where there is no such item
    }
    upsert(item) {
      if (item === undefined || item === null) return null;
      const made = this.make(item), at = this.members.findLastIndex((m) => this.same(this.keyOf(m), this.keyOf(made)));
      if (at < 0) {
        this.members.push(made);
        return true;
      }
      this.members[at] = made;
      return false;
    }
    remove(what) {
      if (what === undefined || what === null) return;
      const gone = typeof what === "function" ? what : typeof what === "string" ? (m) => this.same(this.keyOf(m), what) : (m) => m === what;
      this.members = this.members.filter((m) => !gone(m));
    }
    clear() { this.members = []; }
    populate(items) {
      if (items instanceof PropertyList) items = items.members;
      if (typeof items === "string") items = this.Type.parse ? this.Type.parse(items) : [items];
      if (Array.isArray(items)) items.forEach((item) => this.add(item));
      else if (items && typeof items === "object") for (const [key, value] of Object.entries(items)) this.add({ [this.Type.key]: key, value });
    }
    repopulate(items) {
      this.clear();
      this.populate(items);
    }
    assimilate(source, prune) {
      const items = source instanceof PropertyList ? source.members : source ?? [];
      items.forEach((item) => this.upsert(item));
      if (prune) this.members = this.members.filter((m) => items.some((item) => this.same(this.keyOf(this.make(item)), this.keyOf(m))));
    }
    toObject(excludeDisabled, caseSensitive, multiValue, sanitizeKeys) {
      const made = {};
      for (const item of this.members) {
        let key = this.keyOf(item);
        if ((excludeDisabled && item.disabled) || (sanitizeKeys && !key)) continue;
        if (this.Type.caseless && !caseSensitive) key = String(key).toLowerCase();
        if ((multiValue || this.Type.many) && Object.hasOwn(made, key)) made[key] = [].concat(made[key], item.valueOf());
        else made[key] = item.valueOf();
      }
      return made;
    }
    toString() { return this.Type.unparse ? this.Type.unparse(this.members) : this.members.map(String).join(", "); }
    toJSON() { return this.members.map((m) => (typeof m.toJSON === "function" ? m.toJSON() : m)); }
    *[Symbol.iterator]() { yield* this.members; }
    get length() { return undefined; }
  }

  // --- what lists hold ------------------------------------------------------------------------------------------------------------

  class Property {
    constructor(given, Type) {
      if (typeof given === "string") given = Type.parseOne(given);
      Object.assign(this, given);
      const description = given?.description;
      if (description && typeof description === "object") this.description = { ...description, toString: () => String(description.content ?? "") };
    }
    valueOf() { return this.value; }
    update(given) { Object.assign(this, typeof given === "string" ? this.constructor.parseOne(given) : given); }
    toJSON() { return { ...this }; }
  }

  class Header extends Property {
    constructor(given, value) {
      super(value === undefined || typeof given !== "string" ? given : { key: given, value }, Header);
      this.value ??= this.value === undefined ? "" : null;
    }
    static key = "key";
    static caseless = true;
    static many = true;
    static parse(text) { return text.split(/\r?\n/).filter((line) => line.trim()).map((line) => Header.parseOne(line)); }
    static parseOne(line) {
      const at = line.indexOf(":");
      return at < 0 ? { key: line.trim(), value: "" } : { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
    }
    static isHeader(v) { return v instanceof Header; }
    static create(value, name) { return new Header(name === undefined ? value : { key: name, value }); }
    static unparse(items) { return items.filter((h) => !h.disabled).map((h) => `${h}\r\n`).join(""); }
    toString() { return `${this.key}: ${this.value}`; }
  }

  // An empty parameter is kept, so that a URL is put together again as it was; what is empty behind the last & has an empty key.
  const pairs = (text) => text.split("&").map((p, i, all) => {
    if (p === "") return { key: i === all.length - 1 ? "" : null, value: null };
    const at = p.indexOf("=");
    return at < 0 ? { key: p, value: null } : { key: p.slice(0, at), value: p.slice(at + 1) };
  });
  const unpair = (items) => items.filter((p) => !p.disabled).map(String).join("&");

  class QueryParam extends Property {
    constructor(given) { super(given, QueryParam); }
    valueOf() { return this.value ?? ""; }
    static key = "key";
    static many = true;
    static parse(text) { return pairs(text.replace(/^\?/, "")); }
    static parseOne(text) { return pairs(text)[0] ?? { key: text, value: null }; }
    static unparse(items) { return unpair(items); }
    toString() { return this.value === null || this.value === undefined ? String(this.key ?? "") : `${this.key ?? ""}=${this.value}`; }
  }

  class FormParam extends Property {
    constructor(given) { super(given, FormParam); }
    static key = "key";
    static many = true;
    static parse(text) { return pairs(text); }
    static parseOne(text) { return pairs(text)[0] ?? { key: text, value: "" }; }
    toString() { return `${this.key}=${this.value}`; }
  }

  class Variable extends Property {
    constructor(given) { super(given, Variable); this.key ??= this.id; }
    static key = "key";
    static parseOne(text) { return { key: text }; }
    get() { return this.value; }
    set(value) { this.value = value; }
  }

  class Cookie extends Property {
    constructor(given) { super(given, Cookie); this.name ??= this.key; }
    static key = "name";
    static parse(text) { return [Cookie.parseOne(text)]; }
    static parseOne(text) {
      const [first, ...rest] = text.split(";"), at = first.indexOf("="), made = { name: first.slice(0, at).trim(), value: first.slice(at + 1).trim() };
      for (const part of rest) {
        const [name, value] = part.trim().split("=");
        const known = { domain: "domain", path: "path", expires: "expires", "max-age": "maxAge", secure: "secure", httponly: "httpOnly" }[name.toLowerCase()];
        if (known) made[known] = value ?? true;
      }
      return made;
    }
    toString() { return `${this.name}=${this.value}`; }
  }

  class HeaderList extends PropertyList {
    constructor(parent, items) { super(Header, parent, items); }
    contentSize() { return this.members.reduce((n, h) => n + (h.disabled ? 0 : String(h).length + 2), 0); }
    static isHeaderList(v) { return v instanceof HeaderList; }
  }
  class VariableList extends PropertyList {
    constructor(parent, items) { super(Variable, parent, items); }
  }
  class CookieList extends PropertyList {
    constructor(parent, items) { super(Cookie, parent, items); }
    jar() { return jar; }
    toString() { return this.members.map(String).join("; "); }
  }

  const Url = core.url({ PropertyList, QueryParam, VariableList, pairs, unpair });

  // --- requests -------------------------------------------------------------------------------------------------------------------

  class RequestBody {
    constructor(given) { this.update(given); }
    update(given) {
      if (typeof given === "string") given = { mode: "raw", raw: given };
      if (!given) return;
      const { mode, raw, urlencoded, formdata, graphql, file, options, disabled, language } = given;
      this.mode = mode ?? (raw !== undefined ? "raw" : urlencoded ? "urlencoded" : formdata ? "formdata" : graphql ? "graphql" : file ? "file" : undefined);
      this.raw = raw;
      this.urlencoded = urlencoded === undefined && this.mode !== "urlencoded" ? undefined : new PropertyList(QueryParam, this, urlencoded ?? []);
      this.formdata = formdata === undefined && this.mode !== "formdata" ? undefined : new PropertyList(FormParam, this, formdata ?? []);
      this.graphql = graphql;
      this.file = typeof file === "string" ? { src: file } : file;
      this.options = options ?? (language ? { raw: { language } } : undefined);
      this.disabled = disabled;
    }
    isEmpty() {
      const content = this[this.mode];
      return !this.mode || !content || (content instanceof PropertyList ? content.count() === 0 : content === "");
    }
    toString() {
      const content = this[this.mode];
      if (this.mode === "urlencoded") return unpair(content.all());
      return typeof content === "string" ? content : content === undefined || this.mode === "formdata" || this.mode === "file" ? "" : JSON.stringify(content);
    }
    toJSON() {
      const { mode, raw, urlencoded, formdata, graphql, file, options, disabled } = this;
      return { mode, raw, urlencoded: urlencoded?.toJSON(), formdata: formdata?.toJSON(), graphql, file, options, disabled };
    }
  }

  class Request {
    #url; #headers; #body;
    constructor(given = {}) {
      if (typeof given === "string" || given instanceof Url) given = { url: given };
      this.method = String(given.method ?? "GET").toUpperCase();
      this.#url = given.url instanceof Url ? given.url : new Url(given.variable && typeof given.url === "string" ? { raw: given.url, variable: given.variable } : given.url);
      this.#headers = new HeaderList(this, given.header ?? given.headers ?? []);
      this.#body = given.body === undefined || given.body === null ? undefined : new RequestBody(given.body);
      this.auth = given.auth;
      if (given.name !== undefined) this.name = given.name;
      if (given.description !== undefined) this.description = given.description;
    }
    get url() { return this.#url; }
    set url(v) { this.#url = v instanceof Url ? v : new Url(v); }
    get headers() { return this.#headers; }
    set headers(v) { this.#headers = new HeaderList(this, v); }
    get body() { return this.#body; }
    set body(v) { this.#body = v === undefined || v === null ? undefined : v instanceof RequestBody ? v : new RequestBody(v); }
    get to() { return core.expect(this).to; }
    update(given) {
      const made = new Request(given);
      Object.assign(this, { method: made.method, url: made.url, body: made.body, auth: made.auth });
      this.#headers = made.headers;
    }
    addHeader(header) { this.#headers.add(header); }
    removeHeader(what) { this.#headers.remove(what); }
    upsertHeader(header) { this.#headers.upsert(header); }
    getHeaders(options = {}) { return this.#headers.toObject(options.enabled, !options.ignoreCase, options.multiValue, options.sanitizeKeys); }
    forEachHeader(f) { this.#headers.each((h) => f(h, this)); }
    addQueryParams(params) { this.#url.addQueryParams(params); }
    removeQueryParams(params) { this.#url.removeQueryParams(params); }
    size() {
      const body = this.#body ? String(this.#body).length : 0, header = this.#headers.contentSize();
      return { body, header, total: body + header };
    }
    authorizeUsing(type, parameters) { this.auth = type ? { type, [type]: parameters } : undefined; }
    clone() { return new Request(JSON.parse(JSON.stringify(this))); }
    toJSON() {
      const made = { method: this.method, url: this.#url.toString(), header: this.#headers.toJSON().map(plainField) };
      if (this.#body) made.body = plainBody(this.#body);
      if (this.auth) made.auth = this.auth;
      if (this.#url.variables.count()) made.variable = this.#url.variables.all().map(plainField);
      return made;
    }
    static isRequest(v) { return v instanceof Request; }
  }

  const text = (v) => (v === undefined || v === null ? "" : typeof v === "object" ? JSON.stringify(v) : String(v));

  // plainField and plainBody write what Go reads: the fields of Postman that count when a request is sent, each of its kind.
  function plainField(f) {
    const made = { key: text(f.key), value: text(f.value) };
    if (f.disabled) made.disabled = true;
    if (f.type) made.type = String(f.type);
    if (f.src) made.src = text(Array.isArray(f.src) ? f.src[0] : f.src);
    if (f.contentType) made.contentType = String(f.contentType);
    return made;
  }

  function plainBody(body) {
    const made = { mode: body.mode ?? "raw" };
    if (body.disabled) made.disabled = true;
    if (body.raw !== undefined && body.raw !== null) made.raw = text(body.raw);
    if (body.urlencoded) made.urlencoded = body.urlencoded.all().map(plainField);
    if (body.formdata) made.formdata = body.formdata.all().map(plainField);
    if (body.graphql) made.graphql = { query: text(body.graphql.query), variables: text(body.graphql.variables), operationName: text(body.graphql.operationName) };
    if (body.file) made.file = { src: text(body.file.src) };
    if (body.options?.raw?.language) made.language = String(body.options.raw.language);
    return made;
  }

  // sendable is what pm.sendRequest makes of its first argument.
  function sendable(what) {
    return (what instanceof Request ? what : new Request(what instanceof Url ? what.toString() : what)).toJSON();
  }

  // legacyRequest is the global request of old scripts.
  function legacyRequest(request, { requestId, requestName }) {
    const { body } = request;
    let data = {};
    if (body && !body.isEmpty()) {
      const fields = body.urlencoded ?? body.formdata;
      data = body.mode === "raw" ? body.raw : fields ? new PropertyList(FormParam, null, fields.all()).toObject(true, true, true) : {};
    }
    return { id: requestId, name: requestName, description: request.description && String(request.description), headers: request.headers.toObject(true, false, true, true), method: request.method, url: request.url.toString(), data };
  }

  // --- cookies --------------------------------------------------------------------------------------------------------------------

  const cookiesOf = (items) => new CookieList(null, items);

  // Every method of the jar answers its callback, and the promise that it returns, after the script goes on.
  function later(callback, work) {
    const promise = Promise.resolve().then(work);
    if (typeof callback !== "function") return promise;
    promise.then((value) => callback(null, value), (e) => callback(e));
    return undefined;
  }

  const stored = (what, url, more) => cookiesOf(JSON.parse(host.cookies(what, String(url), more ?? "")));
  const callbackOf = (args) => args.findLast((a) => typeof a === "function");
  const jar = {
    get: (url, name, ...rest) => later(callbackOf(rest), () => stored("list", url).get(name) ?? null),
    getAll: (url, ...rest) => later(callbackOf(rest), () => stored("list", url)),
    set(url, name, ...rest) {
      const given = typeof name === "object" ? name : /[=]/.test(name) && (rest.length === 0 || typeof rest[0] === "function") ? Cookie.parseOne(name) : { name, ...(typeof rest[0] === "object" && rest[0] !== null ? rest[0] : { value: text(rest[0]) }) };
      const { value, domain, path, secure, httpOnly } = given;
      return later(callbackOf(rest), () => {
        stored("set", url, JSON.stringify({ name: given.name ?? given.key, value: text(value), domain, path, secure: Boolean(secure), httpOnly: Boolean(httpOnly) }));
        return new Cookie(given);
      });
    },
    unset: (url, name, ...rest) => later(callbackOf(rest), () => void stored("unset", url, String(name))),
    clear: (url, ...rest) => later(callbackOf(rest), () => void stored("clear", url)),
  };

  const exports = { PropertyList, Property, Header, HeaderList, QueryParam, FormParam, Variable, VariableList, Cookie, CookieList, Url, RequestBody, Request, Response };
  const known = new Proxy(exports, {
    get(target, name) {
      if (name in target || typeof name === "symbol") return target[name];
      throw new Error(`require("postman-collection").${name} is not available: there is ${Object.keys(target).sort().join(", ")}`);
    },
  });

  return { ...exports, exports: known, sendable, legacyRequest, cookiesOf, inspect, require };
})
