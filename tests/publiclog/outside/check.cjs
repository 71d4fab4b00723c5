// Checks a log with @sigstore/verify only. Reads lines of JSON from standard input, writes "ok" or the error for each.
"use strict";
const { createPublicKey } = require("node:crypto");
const readline = require("node:readline");
const { verifyCheckpoint } = require("@sigstore/verify/dist/timestamp/checkpoint.js");
const { verifyMerkleInclusion } = require("@sigstore/verify/dist/timestamp/merkle.js");

const ED25519 = Buffer.from("302a300506032b6570032100", "hex"); // the head of such a key in DER (RFC 8410)

function check(task) {
  const [, id, key] = task.Key.split("+");
  const raw = Buffer.from(task.Key.slice(task.Key.indexOf(id) + id.length + 1), "base64").subarray(1);
  const tlog = {
    logID: Buffer.from(id, "hex"),
    publicKey: createPublicKey({ key: Buffer.concat([ED25519, raw]), format: "der", type: "spki" }),
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
  const [, size, root] = task.Checkpoint.split("\n");
  const entry = {
    integratedTime: "1",
    canonicalizedBody: Buffer.from(task.Leaf, "base64"),
    inclusionProof: {
      logIndex: String(task.Index),
      treeSize: size,
      rootHash: Buffer.from(root, "base64"),
      hashes: task.Path.map((one) => Buffer.from(one, "base64")),
      checkpoint: { envelope: task.Checkpoint },
    },
  };
  verifyCheckpoint(entry, [tlog]);
  verifyMerkleInclusion(entry);
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  try {
    check(JSON.parse(line));
    console.log("ok");
  } catch (error) {
    console.log(String(error.message).replace(/\n/g, " "));
  }
});
