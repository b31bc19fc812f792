// What the answer to a request looks like to scripts.
(function (core) {
  "use strict";
  const { host, require, collection, expect, parseJSON } = core, { parse } = JSON;

  class Response {
    constructor(options = {}) {
      this.code = options.code;
      this.status = options.status || options.reason || "";
      this.responseTime = options.responseTime;
      this.responseSize = options.responseSize ?? (options.body === undefined ? undefined : String(options.body).length);
      Object.defineProperty(this, "source", { value: options });
    }
    get headers() { return keep(this, "headers", new (collection().HeaderList)(this, this.source.header ?? heads(this).header)); }
    get cookies() { return keep(this, "cookies", new (collection().CookieList)(this, this.source.cookie ?? heads(this).cookie)); }
    get stream() { return keep(this, "stream", require("buffer").Buffer.from(this.source.raw ? host.bytes(this.source.raw) : this.text(), this.source.raw ? "latin1" : "utf8")); }
    get to() { return expect(this).to; }
    text() {
      if (this.source.raw) return keep(this, "body", host.text(this.source.raw));
      return this.source.body === undefined || this.source.body === null ? undefined : String(this.source.body);
    }
    get body() { return this.text(); }
    json(reviver) {
      return parseJSON(this.text(), reviver);
    }
    jsonp(reviver) {
      const inner = /^\s*[\w$.]+\s*\(([^]*)\)\s*;?\s*$/.exec(this.text() ?? "");
      return inner ? parse(inner[1], reviver) : this.json(reviver);
    }
    reason() { return this.status || this.source.standard || ""; }
    details() { return { code: this.code, name: this.reason(), detail: "" }; }
    size() {
      const body = this.responseSize ?? 0, header = heads(this).size;
      return { body, header, total: body + header };
    }
    contentInfo() {
      const type = this.headers.get("Content-Type") ?? "text/plain", [mime, ...rest] = type.split(";");
      const charset = (rest.map((p) => /^\s*charset\s*=\s*"?([^"\s]+)/i.exec(p)).find(Boolean) ?? [])[1] ?? "utf8";
      const format = /json/.test(mime) ? "json" : /xml/.test(mime) ? "xml" : /html/.test(mime) ? "html" : "plain";
      return { mimeType: mime.split("/")[0].trim(), mimeFormat: format, charset, contentType: mime.trim(), fileName: `response.${format === "plain" ? "txt" : format}` };
    }
    dataURI() { return `data:${this.contentInfo().contentType};base64,${this.stream.toString("base64")}`; }
    toJSON() {
      const { code, status, responseTime, responseSize } = this;
      return { status, code, header: this.headers.toJSON(), cookie: this.cookies.toJSON(), responseTime, responseSize };
    }
    static isResponse(v) { return v instanceof Response; }
  }

  // heads are the headers and cookies of an answer, and how many bytes its head takes.
  function heads({ source }) {
    return source.raw ? (source.heads ??= parse(host.heads(source.raw))) : { header: [], cookie: [], size: 0 };
  }

  function keep(object, name, value) {
    Object.defineProperty(object, name === "body" ? "text" : name, { value: name === "body" ? () => value : value, configurable: true, writable: true });
    return value;
  }

  return Response;
})
