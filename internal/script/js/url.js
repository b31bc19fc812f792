// URLs of collections, which may hold {{templates}} anywhere.
(function () {
  "use strict";

  return function ({ PropertyList, QueryParam, VariableList, pairs, unpair }) {
    // A URL that may hold {{templates}} anywhere, so its parts are found by their marks alone.
    function splitURL(text) {
      const made = { protocol: undefined, auth: undefined, host: undefined, port: undefined, path: undefined, query: [], hash: undefined };
      let rest = String(text).trim();
      const cut = (mark) => {
        const at = outside(rest, mark);
        if (at < 0) return undefined;
        const after = rest.slice(at + mark.length);
        rest = rest.slice(0, at);
        return after;
      };
      made.hash = cut("#");
      const query = cut("?");
      if (query !== undefined) made.query = pairs(query);
      const scheme = outside(rest, "://");
      if (scheme >= 0) {
        made.protocol = rest.slice(0, scheme);
        rest = rest.slice(scheme + 3);
      }
      const path = cut("/");
      if (path !== undefined) made.path = path.split("/");
      const at = rest.lastIndexOf("@");
      if (at >= 0) {
        const [user, ...password] = rest.slice(0, at).split(":");
        made.auth = password.length ? { user, password: password.join(":") } : { user, password: undefined };
        rest = rest.slice(at + 1);
      }
      const port = /:(\d+|\{\{[^{}]*\}\})$/.exec(rest);
      if (port) {
        made.port = port[1];
        rest = rest.slice(0, port.index);
      }
      if (rest) made.host = rest.split(/\.(?![^{]*\}\})/);
      return made;
    }

    // outside finds a mark that does not stand in a template.
    function outside(text, mark) {
      for (let i = 0, depth = 0; i < text.length; i++) {
        if (text.startsWith("{{", i)) depth++;
        else if (text.startsWith("}}", i)) depth = Math.max(depth - 1, 0);
        if (depth === 0 && text.startsWith(mark, i)) return i;
      }
      return -1;
    }

    const list = (v, mark) => (v === undefined || v === null ? undefined : typeof v === "string" ? v.split(mark) : [...v].map((p) => (p && typeof p === "object" ? p.value : p)));

    class Url {
      constructor(given) {
        Object.defineProperty(this, "variables", { value: new VariableList(this), enumerable: true });
        Object.defineProperty(this, "query", { value: new PropertyList(QueryParam, this), enumerable: true });
        this.update(given ?? "");
      }
      update(given) {
        const parts = typeof given === "string" || given instanceof String ? splitURL(given) : given instanceof Url ? given.toJSON() : given;
        const whole = parts.host === undefined && parts.path === undefined && parts.raw ? { ...splitURL(parts.raw), variable: parts.variable } : parts;
        this.protocol = whole.protocol;
        this.auth = whole.auth;
        this.host = list(whole.host, ".");
        this.port = whole.port;
        this.path = list(typeof whole.path === "string" ? whole.path.replace(/^\//, "") : whole.path, "/");
        this.hash = whole.hash;
        this.query.repopulate(whole.query ?? []);
        this.variables.repopulate(whole.variable ?? whole.variables ?? []);
      }
      addQueryParams(params) { new PropertyList(QueryParam, this, params).each((p) => this.query.add(p)); }
      removeQueryParams(params) {
        for (const p of Array.isArray(params) ? params : [params]) this.query.remove(typeof p === "string" ? p : p.key);
      }
      getHost() { return this.host ? this.host.join(".") : ""; }
      getRemote(withPort) { return this.getHost() + (this.port ? `:${this.port}` : withPort ? (this.protocol === "https" ? ":443" : ":80") : ""); }
      getPath(unresolved) {
        if (!this.path) return "/";
        return "/" + this.path.map((p) => (!unresolved && /^:./.test(p) && this.variables.has(p.slice(1)) ? this.variables.get(p.slice(1)) : p)).join("/");
      }
      getQueryString() { return unpair(this.query.all()); }
      getPathWithQuery() {
        const query = this.getQueryString();
        return this.getPath() + (query ? `?${query}` : "");
      }
      getRaw() { return this.toString(); }
      toString(forceProtocol) {
        const scheme = this.protocol ? `${this.protocol.replace(/:\/\/$/, "")}://` : forceProtocol ? "http://" : "";
        const user = this.auth && this.auth.user ? `${this.auth.user}${this.auth.password ? `:${this.auth.password}` : ""}@` : "";
        const query = this.getQueryString();
        return scheme + user + this.getHost() + (this.port ? `:${this.port}` : "") + (this.path ? this.getPath(true) : "") + (query || this.query.count() > 0 && this.query.all().some((q) => !q.disabled) ? `?${query}` : "") + (this.hash === undefined || this.hash === null ? "" : `#${this.hash}`);
      }
      toJSON() {
        const { protocol, auth, host, port, path, hash } = this;
        return { raw: this.toString(), protocol, auth, host, port, path, hash, query: this.query.toJSON(), variable: this.variables.toJSON() };
      }
      static parse(text) { return splitURL(text); }
      static isUrl(v) { return v instanceof Url; }
    }

    return Url;
  };
})
