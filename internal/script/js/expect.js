// What Postman adds to chai: expectations of responses and requests. The messages are Postman's own, because people compare reports.
(function (core) {
  "use strict";
  const { Response, isRequest, require, lodash } = core;

  const classes = { info: 1, success: 2, redirection: 3, clientError: 4, serverError: 5 };
  const reasons = {
    accepted: [202, "ACCEPTED"], withoutContent: [204, "NO CONTENT"], badRequest: [400, "BAD REQUEST"], unauthorised: [401, "UNAUTHORISED"],
    unauthorized: [401, "UNAUTHORIZED"], forbidden: [403, "FORBIDDEN"], notFound: [404, "NOT FOUND"], notAcceptable: [406, "NOT ACCEPTABLE"],
    rateLimited: [429, "TOO MANY REQUESTS"],
  };

  // quicken makes a chain such as to.have.property cost little. As chai comes, each word of it makes an assertion in five calls, copies flags one by one, and
  // wraps what it returns in a Proxy that finds misspelt words. Here a word copies its flags at once, an expectation that holds is done with that, texts for
  // failures are made the short way where they can be, and misspelt words are found where a lookup ends.
  function quicken(chai) {
    const { Assertion, config, util } = chai, { prototype } = Assertion;
    const guide = util.proxify(Object.create(prototype));
    config.useProxy = false;

    function Quick(object, message, ssfi, lockSsfi) {
      this.__flags = arguments.length === 0 ? Object.create(null) : { __proto__: null, ssfi: ssfi || Assertion, lockSsfi, object, message, eql: config.deepEqual ?? util.eql };
    }
    Quick.prototype = prototype;
    chai.Assertion = Object.setPrototypeOf(Quick, Assertion);
    Object.defineProperty(prototype, "__flags", { value: undefined, writable: true }); // looked up before it is there

    function said() {
      const copy = new Quick();
      copy.__flags = { __proto__: null, ...this.__flags };
      return copy;
    }
    for (const word of ["to", "be", "been", "is", "and", "has", "have", "with", "that", "which", "at", "of", "same", "but", "does", "still", "also"]) {
      Object.defineProperty(prototype, word, { get: said, configurable: true });
    }

    const { assert } = prototype;
    prototype.assert = function (holds) {
      if (this.__flags.negate ? holds : !holds) assert.apply(this, arguments);
    };

    const { inspect, compareByInspect } = util;
    util.inspect = (value, ...how) => (typeof value === "string" && /^[\w .:/-]{0,30}$/.test(value) ? `'${value}'` : inspect(value, ...how));
    util.compareByInspect = (a, b) => (typeof a === "string" && typeof b === "string" ? (a < b ? -1 : 1) : compareByInspect(a, b));

    const isMisspelt = (target, name) => typeof name === "string" && !(name in target) && !config.proxyExcludedKeys.includes(name);
    Object.setPrototypeOf(prototype, new Proxy(Object.create(Object.prototype), {
      get: (target, name, receiver) => (isMisspelt(target, name) ? guide[name] : Reflect.get(target, name, receiver)),
    }));
    const endOfMethod = new Proxy(Object.create(Function.prototype), {
      get(target, name, receiver) {
        if (!isMisspelt(target, name)) return Reflect.get(target, name, receiver);
        const method = Object.getOwnPropertyNames(prototype).find((m) => Object.getOwnPropertyDescriptor(prototype, m).value === receiver);
        throw new Error(`Invalid Chai property: ${method}.${name}. See docs for proper usage of "${method}".`);
      },
    });
    return () => {
      for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype))) if (typeof value === "function" && value !== Assertion) Object.setPrototypeOf(value, endOfMethod);
    };
  }

  return function (chai) {
    const guard = quicken(chai), { Assertion, util } = chai;

    const isResponse = (v) => Response.isResponse(v);
    const kind = (v) => (isRequest(v) ? "request" : isResponse(v) ? "response" : undefined);

    function property(name, holds, message, negated) {
      Assertion.addProperty(name, function () {
        this.assert(holds(this._obj), message, negated);
      });
    }
    property("postmanRequest", isRequest, "expecting a postman request object but got #{this}", "not expecting a postman request object");
    property("postmanResponse", isResponse, "expecting a postman response object but got #{this}", "not expecting a postman response object");
    property("postmanRequestOrResponse", kind, "expecting a postman request or response object but got #{this}", "not expecting a postman request or response object");

    // answered stops an expectation of a response about anything else.
    function answered(assertion) {
      if (!isResponse(assertion._obj)) new Assertion(assertion._obj).to.be.postmanResponse;
      return assertion._obj;
    }

    function codeOf(assertion) {
      const { code } = answered(assertion);
      if (typeof code !== "number") new Assertion(code).to.be.a("number");
      return code;
    }

    function inClass(assertion, wanted) {
      const code = codeOf(assertion);
      assertion.assert(Math.floor(code / 100) === wanted, "expected response code to be #{exp}XX but found #{act}", "expected response code to not be #{exp}XX", wanted, code);
    }

    function hasCode(assertion, wanted, got) {
      assertion.assert(got === wanted, "expected response to have status code #{exp} but got #{act}", "expected response to not have status code #{act}", wanted, got);
    }

    function hasReason(assertion, wanted, got) {
      assertion.assert(got === wanted, "expected response to have status reason #{exp} but got #{act}", "expected response to not have status reason #{act}", wanted, got);
    }

    Assertion.addMethod("statusCodeClass", function (wanted) { inClass(this, wanted); });
    for (const [name, wanted] of Object.entries(classes)) Assertion.addProperty(name, function () { inClass(this, wanted); });
    Assertion.addProperty("error", function () {
      const code = codeOf(this), group = Math.floor(code / 100);
      this.assert(group === 4 || group === 5, "expected response code to be 4XX or 5XX but found #{act}", "expected response code to not be 4XX or 5XX", null, code);
    });

    Assertion.addMethod("statusCode", function (code) { hasCode(this, Number(code), codeOf(this)); });
    Assertion.addMethod("statusReason", function (reason) { hasReason(this, String(reason), answered(this).reason()); });
    Assertion.addMethod("status", function (wanted) {
      if (typeof wanted === "number") hasCode(this, wanted, codeOf(this));
      else hasReason(this, wanted, answered(this).reason());
    });

    // Postman compares the reason as well as the code. A server without a reason, as with HTTP/2, is given the standard one.
    function named(assertion, code, reason) {
      const response = answered(assertion);
      hasReason(assertion, reason, String(response.reason()).toUpperCase());
      hasCode(assertion, code, Number(response.details().code));
    }
    for (const [name, [code, reason]] of Object.entries(reasons)) {
      Assertion.addProperty(name, function () {
        if (code === 401 && isResponse(this._obj) && /^UNAUTHORI[SZ]ED$/i.test(this._obj.reason())) hasCode(this, code, this._obj.code);
        else named(this, code, reason);
      });
    }
    Assertion.addProperty("ok", function () {
      if (isResponse(this._obj)) named(this, 200, "OK");
      else this.assert(util.flag(this, "object"), "expected #{this} to be truthy", "expected #{this} to be falsy");
    });

    Assertion.addMethod("header", function (name, value) {
      if (!kind(this._obj)) new Assertion(this._obj).to.be.postmanRequestOrResponse;
      const what = kind(this._obj), { headers } = this._obj, has = headers.has(name);
      this.assert(has, `expected ${what} to have header with key '${String(name)}'`, `expected ${what} to not have header with key '${String(name)}'`, true, has);
      if (arguments.length < 2) return;
      const got = headers.one(name)?.value;
      this.assert(got === value, `expected '${String(name)}' ${what} header to be #{exp} but got #{act}`, `expected '${String(name)}' ${what} header to not be #{act}`, value, got);
    });

    function content(assertion) {
      const text = answered(assertion).text();
      assertion.assert(typeof text === "string" && text.length, "expected response to have content in body", "expected response to not have content in body");
    }
    Assertion.addProperty("withBody", function () { content(this); });

    function parsed(response) {
      try {
        return { value: response.json() };
      } catch (e) {
        return { problem: e.name === "JSONError" && e.message ? e.message.split("\n")[0] : `${e.name}: ${e.message}` };
      }
    }

    function isJSON(assertion) {
      const { problem } = parsed(answered(assertion));
      assertion.assert(!problem, `expected response body to be a valid json but got error ${problem}`, "expected response body not to be a valid json");
    }
    Assertion.addProperty("json", function () { isJSON(this); });

    Assertion.addMethod("body", function (wanted) {
      const response = answered(this), _ = lodash();
      if (_.isPlainObject(wanted)) {
        const got = parsed(response).value;
        this.assert(_.isEqual(got, wanted), "expected response body json to equal #{exp} but got #{act}", "expected response body json to not equal #{exp} but got #{act}", wanted, got);
        return;
      }
      if (arguments.length === 0) return content(this);
      const text = response.text();
      if (wanted instanceof RegExp) this.assert(wanted.exec(text) !== null, "expected response body text to match #{exp} but got #{act}", "expected response body text #{act} to not match #{exp}", wanted, text);
      else this.assert(_.isEqual(text, wanted), "expected response body to equal #{exp} but got #{act}", "expected response body to not equal #{exp}", wanted, text);
    });

    Assertion.addMethod("jsonBody", function (path, value) {
      const response = answered(this), _ = lodash();
      if (arguments.length === 0) return isJSON(this);
      if (typeof path !== "string") return;
      const whole = parsed(response).value;
      this.assert(_.has(whole, path), "expected #{act} in response to contain property #{exp}", "expected #{act} in response to not contain property #{exp}", path, whole);
      if (arguments.length < 2) return;
      const got = _.get(whole, path);
      this.assert(_.isEqual(got, value), `expected response body json at "${path}" to contain #{exp} but got #{act}`, `expected response body json at "${path}" to not contain #{exp} but got #{act}`, value, got);
    });

    // A number about a response, judged like any other number: to.have.responseTime.below(200).
    function measure(name, of, message, negated) {
      Assertion.addChainableMethod(name, function (wanted) {
        const got = util.flag(this, "number");
        if (arguments.length) this.assert(got === wanted, message, negated, wanted, got);
      }, function () {
        const got = of(answered(this));
        util.flag(this, "number", got);
        this._obj = got;
      });
    }
    measure("responseTime", (r) => r.responseTime, "expected response to have a valid response time but got #{act}", "expected response to not have a valid response time but got #{act}");
    measure("responseSize", (r) => r.size().body + r.size().header, "expected response size to equal #{act} but got #{exp}", "expected response size to not equal #{act} but got #{exp}");

    Assertion.addMethod("jsonSchema", function (schema, options) {
      new Assertion(schema).to.be.an("object");
      const data = isResponse(this._obj) ? this._obj.json() : this._obj;
      const ajv = new (require("ajv"))({ allErrors: true, logger: false, ...options }), valid = ajv.validate(schema, data);
      this.assert(valid && !ajv.errors, "expected data to satisfy schema but found following errors: \n" + ajv.errorsText(), "expected data to not satisfy schema", true, valid);
    });
    guard();
  };
})
