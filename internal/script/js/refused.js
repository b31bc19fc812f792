// What scripts ask for in vain, and what they are told.
(function () {
  "use strict";

  const names = {
    "pm.vault": "pm.vault is not available: put the value into secrets: of the environment and read it with pm.environment.get(name)",
    "pm.require": "pm.require is not available: packages are kept in a Postman account, which a run does not have; copy the code into the script",
    "pm.execution.runRequest": "pm.execution.runRequest is not available: use pm.sendRequest, or a request of the collection that runs before this one",
    "pm.datasets": "pm.datasets is not available: use a data file, whose values stand in pm.iterationData",
  };

  const none = "no script may reach files, processes or the network; pm.sendRequest sends requests";
  const modules = {
    fs: none, http: none, https: none, net: none, tls: none, dns: none, child_process: none, os: none, process: none, vm: none, worker_threads: none, cluster: none,
    crypto: "use require('crypto-js'), or the global crypto (getRandomValues, randomUUID, subtle.digest)",
    stream: "nothing streams here: pm.response.stream is a Buffer of the whole body",
    zlib: "bodies arrive decompressed", sugar: "it changes the built-in objects for every script after; lodash has most of it",
    request: "use pm.sendRequest", axios: "use pm.sendRequest", "node-fetch": "use pm.sendRequest", newman: "it is what runs scripts elsewhere",
    jsonwebtoken: "the collection can sign JWTs without a script: see auth: and assertion: in the format reference",
    jsrsasign: "the collection can sign JWTs without a script: see auth: and assertion: in the format reference",
  };

  return { names, modules };
})
