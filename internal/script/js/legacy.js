// The names that scripts had before there was pm.
(function (core) {
  "use strict";
  const { run, scopes, response, request, cookies, collection, require, lodash3, setNextRequest } = core;

  function names() {
    const cached = (name, make) => () => (run().cache[name] ??= make());
    const whenAnswered = (make) => () => (run().listen === "test" && response() ? make() : undefined);
    return {
      environment: cached("environment", () => scopes.environment.toObject()),
      globals: cached("globals", () => scopes.globals.toObject()),
      data: cached("data", () => scopes.iterationData.toObject()),
      iteration: () => run().info.iteration,
      request: cached("legacyRequest", () => collection().legacyRequest(request(), run().info)),
      postman: () => postman,
      responseBody: whenAnswered(() => response().text()),
      responseCode: whenAnswered(() => response().details()),
      responseTime: whenAnswered(() => response().responseTime),
      responseHeaders: cached("responseHeaders", whenAnswered(() => caseless(response().headers))),
      responseCookies: whenAnswered(() => cookies().all()),
      _: () => lodash3(), CryptoJS: () => require("crypto-js"), tv4: () => require("tv4"),
      cheerio: () => require("cheerio"), Backbone: () => require("backbone"), xml2Json: () => xml2Json,
    };
  }

  // caseless is an object of headers that also answers to their names in other case, since a server may write them in any.
  function caseless(headers) {
    const made = {};
    headers.each((h) => { made[h.key] = h.value; });
    const known = (name) => (typeof name === "string" && !(name in made) ? Object.keys(made).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name : name);
    return new Proxy(made, {
      get: (target, name) => target[known(name)],
      has: (target, name) => known(name) in target,
      getOwnPropertyDescriptor: (target, name) => Object.getOwnPropertyDescriptor(target, known(name)),
    });
  }

  function xml2Json(text) {
    let result = {};
    require("xml2js").parseString(text, { explicitArray: false, async: false, trim: true, mergeAttrs: false }, (_, made) => { result = made; });
    return result;
  }

  function legacyScope(scope, mirror) {
    const seen = () => run().cache[mirror];
    return {
      set(name, value) {
        if (value === false || value) value = String(value);
        if (seen()) seen()[name] = value;
        scopes[scope].set(name, value);
      },
      get: (name) => scopes[scope].get(name),
      unset(name) {
        if (seen()) delete seen()[name];
        scopes[scope].unset(name);
      },
      clear() {
        if (seen()) for (const name of Object.keys(seen())) delete seen()[name];
        scopes[scope].clear();
      },
    };
  }

  const env = legacyScope("environment", "environment"), globals = legacyScope("globals", "globals");
  const postman = {
    setEnvironmentVariable: env.set, getEnvironmentVariable: env.get, clearEnvironmentVariable: env.unset, clearEnvironmentVariables: env.clear,
    setGlobalVariable: globals.set, getGlobalVariable: globals.get, clearGlobalVariable: globals.unset, clearGlobalVariables: globals.clear,
    setNextRequest: setNextRequest,
    getResponseHeader: (name) => response()?.headers.get(name),
    getResponseCookie: (name) => cookies().one(String(name)),
  };

  return names();
})
