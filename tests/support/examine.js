// Runs the vectors with the page's own script, as published: node tests/support/examine.js codes.json keys.json
// Prints one JSON object: for each way of checking signatures the answers by vector, and which keys were called safe.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const STATIC = path.join(__dirname, "..", "..", "static");
const FILES = ["vendor/tweetnacl/nacl.js", "vendor/fflate/fflate.js", "js/verify-core.js"];

// A page's globals and nothing of Node's, so that a script that leans on more than a browser has fails here.
function page(subtle) {
  const self = { atob, btoa, Uint8Array, Float64Array, Promise, crypto: { subtle, getRandomValues: (a) => a } };
  self.self = self;
  const context = vm.createContext(self);
  for (const file of FILES) {
    vm.runInContext(fs.readFileSync(path.join(STATIC, file), "utf8"), context, { filename: file });
  }
  return self.YdymVerify.make({ nacl: self.nacl, unzlib: self.fflate.unzlibSync, subtle });
}

async function run(core, codes, keys) {
  const answers = {}, known = core.readRing({ keys: codes.keys });
  for (const vector of codes.vectors) {
    let ring = known;
    if (vector.extra_key && core.isSafeKey(bytes(vector.extra_key.x))) {
      ring = Object.assign({}, known, core.readRing({ keys: [vector.extra_key] }));
    }
    const answer = await core.examine(vector.text, {
      host: codes.host, now: codes.now, ring, lists: vector.lists.map((name) => codes.lists[name])
    });
    answers[vector.id] = {
      outcome: answer.outcome, stage: answer.stage, reason: answer.reason,
      check: answer.token && core.humanCheck ? await core.humanCheck(answer.token) : ""
    };
  }
  const safe = keys.vectors.map((vector) => {
    try { return Object.keys(core.readRing({ keys: [vector.jwk] })).length === 1; } catch (e) { return false; }
  });
  return { answers, safe };
}

function bytes(text) { return new Uint8Array(Buffer.from(text, "base64url")); }

async function main() {
  const [codes, keys] = process.argv.slice(2, 4).map((name) => JSON.parse(fs.readFileSync(name, "utf8")));
  const result = {
    webcrypto: await run(page(require("crypto").webcrypto.subtle), codes, keys),
    pure: await run(page(null), codes, keys)
  };
  process.stdout.write(JSON.stringify(result));
}

main().catch((error) => { console.error(error); process.exit(1); });
