// Examining a code without a server: the same stages, in the same order, with the same answers as qrservice/examination.py.
// No page, no network, no clock in here: `YdymVerify.make(tools)` is given what it needs, so that tests run it under Node.
// ES2017 at most. tools: nacl (TweetNaCl), unzlib (bytes -> bytes), subtle (WebCrypto or null).
(function (root) {
  "use strict";

  var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  var TOKEN_CHARS = 114, CODE_BYTES = 71, PAYLOAD_BYTES = 7, TEXT_CHARS_MAX = 2048;
  var SHOPS_PER_LIST = 65536, COUNT_MAX = 65535, STATEMENT_CHARS_MAX = 4000000, UNPACKED_MAX = 16000000;
  var CLOCK_SKEW = 300;
  var LIST_KIND = "statuslist+jwt", INDEX_KIND = "statuslist-index+jwt", KEYS_KIND = "ydym-keys+jwt";
  var KEY_STATES = ["active", "retired", "compromised", "withdrawn"];
  // Without the u flag, i knows no letters outside ASCII; the server's pattern says the same.
  var ADDRESS = /https?:\/\/[a-z0-9.:\/?&=#%_\[\]-]+/i;
  var OUTCOMES = ["genuine", "invalid", "suspended", "replaced"];
  var CHECK_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY";
  // The order of the curve's main group, lowest byte first (RFC 8032, 5.1).
  var ORDER = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10
  ];

  function Refusal(stage) { this.stage = stage; }

  // --- bytes -----------------------------------------------------------------------------------------------------------

  function isAscii(text) { return /^[\x00-\x7f]*$/.test(text); }

  function asciiBytes(text) {
    var bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i++) { bytes[i] = text.charCodeAt(i); }
    return bytes;
  }

  function fromBase64url(text) {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) { throw new Refusal("statement"); }
    var raw;
    try { raw = root.atob(text.replace(/-/g, "+").replace(/_/g, "/")); } catch (e) { throw new Refusal("statement"); }
    var bytes = asciiBytes(raw);
    if (root.btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") !== text) { throw new Refusal("statement"); }
    return bytes;
  }

  function parseJson(bytes) {
    var text = "";
    for (var i = 0; i < bytes.length; i += 8192) { text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192)); }
    var document;
    try { document = JSON.parse(decodeURIComponent(escape(text))); } catch (e) { throw new Refusal("statement"); }
    if (typeof document !== "object" || document === null || Array.isArray(document)) { throw new Refusal("statement"); }
    return document;
  }

  // --- the code --------------------------------------------------------------------------------------------------------

  // The token in a scanned address, in a text that holds one, or the bare token; nothing is made similar first.
  function findToken(text, host) {
    var typed = text.length <= TEXT_CHARS_MAX ? text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "") : "";
    var match = ADDRESS.exec(typed);
    if (match) { return parseToken(match[0], host); }
    if (typed.indexOf("/") >= 0) { throw new Refusal("link"); }
    return typed;
  }

  function parseToken(url, host) {
    var parts = /^(https?):\/\/([^\/]*)(\/[^#?]*)/i.exec(url);
    if (!parts || parts[2].toLowerCase() !== host) { throw new Refusal("link"); }
    var path = parts[3];
    if (path.slice(0, 3) !== "/c/" || path.length !== 3 + TOKEN_CHARS) { throw new Refusal("link"); }
    return path.slice(3);
  }

  // The 71 bytes behind a token. Length first; lower case and the spare bits of the last letter make an alias, and it is refused.
  function decodeToken(token) {
    if (token.length !== TOKEN_CHARS || !/^[A-Za-z2-7]*$/.test(token)) { throw new Refusal("form"); }
    var upper = token.toUpperCase(), code = new Uint8Array(CODE_BYTES), bits = 0, held = 0, at = 0;
    for (var i = 0; i < TOKEN_CHARS; i++) {
      held = (held << 5) | ALPHABET.indexOf(upper.charAt(i));
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        code[at++] = (held >> bits) & 255;
        held &= (1 << bits) - 1;
      }
    }
    if (held !== 0 || upper !== token) { throw new Refusal("canonical"); }
    return code;
  }

  function unpack(code) {
    if (code[0] >> 5 !== 1) { throw new Refusal("version"); }
    var payload = {
      kid: code[0] & 31,
      shop: ((code[1] << 24) | (code[2] << 16) | (code[3] << 8) | code[4]) >>> 0,
      serial: (code[5] << 8) | code[6]
    };
    if (payload.serial === 0) { throw new Refusal("form"); }
    return payload;
  }

  function pad(number, width) {
    var text = String(number);
    while (text.length < width) { text = "0" + text; }
    return text;
  }

  function label(payload) { return pad(payload.shop, 6) + "-" + pad(payload.serial, 2); }

  function make(tools) {
    var nacl = tools.nacl, low = nacl.lowlevel, subtle = tools.subtle || null;

    // --- keys ----------------------------------------------------------------------------------------------------------

    function field(bytes) {
      var number = low.gf();
      low.unpack25519(number, bytes);
      return number;
    }

    function packed(number) {
      var bytes = new Uint8Array(32);
      low.pack25519(bytes, number);
      return bytes;
    }

    function same(a, b) {
      for (var i = 0; i < 32; i++) { if (a[i] !== b[i]) { return false; } }
      return true;
    }

    // Is this the one encoding of a point of prime order? Under any other key strangers could make signatures that hold.
    function isSafeKey(encoded) {
      if (encoded.length !== 32) { return false; }
      var one = low.gf([1]), zero = low.gf(), y, x = low.gf(), u = low.gf(), v = low.gf(), t = low.gf(), check = low.gf();
      var bare = new Uint8Array(encoded), sign = encoded[31] >> 7;
      bare[31] &= 127;
      y = field(bare);
      if (!same(packed(y), bare)) { return false; }
      // x² = u / v with u = y² − 1 and v = d y² + 1; the root is u v³ (u v⁷)^((p − 5) / 8), perhaps times √−1.
      low.S(u, y);
      low.M(v, u, low.D);
      low.Z(u, u, one);
      low.A(v, v, one);
      var v3 = low.gf(), v7 = low.gf();
      low.S(v3, v); low.M(v3, v3, v);
      low.S(v7, v3); low.M(v7, v7, v);
      low.M(t, u, v7);
      low.pow2523(t, t);
      low.M(x, u, v3); low.M(x, x, t);
      low.S(check, x); low.M(check, check, v);
      if (!same(packed(check), packed(u))) {
        low.M(x, x, rootOfMinusOne());
        low.S(check, x); low.M(check, check, v);
        if (!same(packed(check), packed(u))) { return false; }
      }
      if ((packed(x)[0] & 1) !== sign) { low.Z(x, zero, x); }
      if ((packed(x)[0] & 1) !== sign) { return false; }
      var point = [x, y, low.gf([1]), low.gf()];
      low.M(point[3], x, y);
      if (isNeutral(point)) { return false; }
      var product = [low.gf(), low.gf(), low.gf(), low.gf()];
      low.scalarmult(product, point, ORDER);
      return isNeutral(product);
    }

    function isNeutral(point) {
      return same(packed(point[0]), new Uint8Array(32)) && same(packed(point[1]), packed(point[2]));
    }

    var minusOneRoot = null;
    // √−1 = 2^((p − 1) / 4) = (2^((p − 5) / 8))² · 2
    function rootOfMinusOne() {
      if (!minusOneRoot) {
        var two = low.gf([2]);
        minusOneRoot = low.gf();
        low.pow2523(minusOneRoot, two);
        low.S(minusOneRoot, minusOneRoot);
        low.M(minusOneRoot, minusOneRoot, two);
      }
      return minusOneRoot;
    }

    // The ring of a JWK set: kid -> {raw, state}. Throws a Refusal if any of it is not as it must be.
    function readRing(jwks) {
      if (!jwks || !Array.isArray(jwks.keys)) { throw new Refusal("statement"); }
      var ring = {};
      jwks.keys.forEach(function (jwk) {
        var state = jwk.state === undefined ? "active" : jwk.state, raw = fromBase64url(jwk.x);
        var good = jwk.kty === "OKP" && jwk.crv === "Ed25519" && jwk.d === undefined && KEY_STATES.indexOf(state) >= 0 &&
          typeof jwk.kid === "string" && /^(?:[0-9]|[12][0-9]|3[01])$/.test(jwk.kid) && !ring[jwk.kid] && isSafeKey(raw);
        if (!good) { throw new Refusal("statement"); }
        ring[jwk.kid] = { raw: raw, state: state };
      });
      return ring;
    }

    // --- signatures ------------------------------------------------------------------------------------------------------

    // S < L: otherwise S + L would be a second signature, which TweetNaCl by itself does not refuse.
    function isReduced(signature) {
      for (var i = 31; i >= 0; i--) {
        if (signature[32 + i] !== ORDER[i]) { return signature[32 + i] < ORDER[i]; }
      }
      return false;
    }

    function verify(key, signature, message) {
      if (signature.length !== 64 || !isReduced(signature)) { return Promise.resolve(false); }
      function pure() { return nacl.sign.detached.verify(message, signature, key.raw); }
      if (!subtle) { return Promise.resolve(pure()); }
      return subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]).then(function (imported) {
        return subtle.verify({ name: "Ed25519" }, imported, signature, message);
      }).catch(pure);  // this browser's WebCrypto knows no Ed25519
    }

    // The claims of a signed statement of that kind (qrservice/statements.py).
    function readStatement(text, kind, ring) {
      try {
        var parts = typeof text === "string" && text.length <= STATEMENT_CHARS_MAX && isAscii(text) ? text.split(".") : [];
        if (parts.length !== 3) { throw new Refusal("statement"); }
        var header = parseJson(fromBase64url(parts[0])), signature = fromBase64url(parts[2]);
        var key = typeof header.kid === "string" && Object.prototype.hasOwnProperty.call(ring, header.kid) ? ring[header.kid] : null;
        if (Object.keys(header).sort().join() !== "alg,kid,typ" || header.alg !== "Ed25519" || header.typ !== kind || !key ||
            (key.state !== "active" && key.state !== "retired")) {
          throw new Refusal("statement");
        }
        return verify(key, signature, asciiBytes(parts[0] + "." + parts[1])).then(function (holds) {
          if (!holds) { throw new Refusal("statement"); }
          return parseJson(fromBase64url(parts[1]));
        });
      } catch (error) {
        return Promise.reject(error);
      }
    }

    function isCurrent(claims, now) {
      return Number.isInteger(claims.iat) && Number.isInteger(claims.exp) && claims.iat - CLOCK_SKEW <= now && now < claims.exp;
    }

    // The ring in the published key set, out of its signed part only. Rejects what is not ours or not current.
    function readKeySet(document, host, now) {
      try {
        var unsigned = readRing(document);
        return readStatement(document.signed, KEYS_KIND, unsigned).then(function (claims) {
          if (claims.sub !== host + "/.well-known/ydym-keys.json" || !isCurrent(claims, now)) { throw new Refusal("statement"); }
          return readRing(claims);
        });
      } catch (error) {
        return Promise.reject(error);
      }
    }

    // --- status lists ----------------------------------------------------------------------------------------------------

    function unzlib(text) {
      var packedBytes = fromBase64url(text), bytes;
      try { bytes = tools.unzlib(packedBytes); } catch (e) { throw new Refusal("statement"); }
      if (bytes.length > UNPACKED_MAX) { throw new Refusal("statement"); }
      return bytes;
    }

    function readList(claims) {
      var shops = claims.shops, list = claims.status_list;
      if (!shops || !list || !Number.isInteger(shops.first) || shops.first < 0 || list.bits !== 2) { throw new Refusal("statement"); }
      var counts = unzlib(shops.counts), bits = unzlib(list.lst), ends = [], total = 0, number = 0, shift = 0;
      for (var i = 0; i < counts.length; i++) {
        number |= (counts[i] & 127) << shift;
        shift += 7;
        if (counts[i] & 128) {
          if (shift > 14) { throw new Refusal("statement"); }
          continue;
        }
        if (number > COUNT_MAX) { throw new Refusal("statement"); }
        total += number;
        ends.push(total);
        number = shift = 0;
      }
      if (shift || ends.length > SHOPS_PER_LIST || bits.length !== Math.ceil(total / 4)) { throw new Refusal("statement"); }
      return { first: shops.first, ends: ends, bits: bits };
    }

    // 0..3 (valid, invalid, suspended, replaced), or null when the list does not know the sticker.
    function findStatus(list, payload) {
      var place = payload.shop - list.first;
      if (place < 0 || place >= list.ends.length) { return null; }
      var start = place ? list.ends[place - 1] : 0, index = start + payload.serial - 1;
      return index < list.ends[place] ? (list.bits[index >> 2] >> (index % 4 * 2)) & 3 : null;
    }

    // A list is some hundred kilobytes: its signature is checked once for a ring, not once for a code.
    var opened = [];
    function openList(statement, ring) {
      for (var i = 0; i < opened.length; i++) {
        if (opened[i].statement === statement && opened[i].ring === ring) { return opened[i].promise; }
      }
      var promise = readStatement(statement, LIST_KIND, ring).then(function (claims) { return { claims: claims, list: readList(claims) }; });
      opened.push({ statement: statement, ring: ring, promise: promise });
      if (opened.length > 64) { opened.shift(); }
      return promise;
    }

    // Resolves with a status, "stale", "unlisted", or null when the statement is not about this shop or not ours.
    function lookUp(statement, payload, host, ring, now) {
      return openList(statement, ring).then(function (found) {
        var claims = found.claims, list = found.list;
        if (claims.sub !== host + "/.well-known/ydym-status/" + Math.floor(list.first / SHOPS_PER_LIST)) { return null; }
        if (payload.shop < list.first || payload.shop >= list.first + SHOPS_PER_LIST) { return null; }
        if (!isCurrent(claims, now)) { return "stale"; }
        var status = findStatus(list, payload);
        return status === null ? "unlisted" : status;
      }).catch(function (error) {
        if (error instanceof Refusal) { return null; }
        throw error;
      });
    }

    // --- the answer ------------------------------------------------------------------------------------------------------

    // Resolves with {outcome, stage, reason, payload, token, label}. known: host, ring, lists (statements), now (seconds).
    function examine(text, known) {
      var token, code, payload, key;
      function forged(stage) {
        return { outcome: "forged", stage: stage, reason: null, payload: null, token: null, label: "" };
      }
      try {
        token = findToken(String(text), known.host);
        code = decodeToken(token);
        payload = unpack(code);
        key = known.ring[String(payload.kid)];
        if (!key || key.state === "withdrawn") { throw new Refusal("key"); }
      } catch (error) {
        if (error instanceof Refusal) { return Promise.resolve(forged(error.stage)); }
        return Promise.reject(error);
      }
      var head = asciiBytes("ydym-sticker-v1\0" + known.host + "\0"), message = new Uint8Array(head.length + PAYLOAD_BYTES);
      message.set(head);
      message.set(code.subarray(0, PAYLOAD_BYTES), head.length);
      return verify(key, code.subarray(PAYLOAD_BYTES), message).then(function (holds) {
        if (!holds) { return forged("signature"); }
        function answer(outcome, reason) {
          return { outcome: outcome, stage: null, reason: reason, payload: payload, token: token, label: label(payload) };
        }
        if (key.state === "compromised") { return answer("cannot_say", "compromised"); }
        return Promise.all(known.lists.map(function (list) {
          return lookUp(list, payload, known.host, known.ring, known.now);
        })).then(function (found) {
          var reason = "no_list";
          for (var i = 0; i < found.length; i++) {
            if (typeof found[i] === "number") { return answer(OUTCOMES[found[i]], null); }
            reason = found[i] || reason;
          }
          return answer("cannot_say", reason);
        });
      });
    }

    // The check group printed under the symbol; resolves with "" where this browser has no SHA-256.
    function humanCheck(token) {
      if (!subtle) { return Promise.resolve(""); }
      var head = asciiBytes("ydym-human-check-v1\0"), code = decodeToken(token), input = new Uint8Array(head.length + CODE_BYTES);
      input.set(head);
      input.set(code, head.length);
      return subtle.digest("SHA-256", input).then(function (digest) {
        var number = Array.prototype.slice.call(new Uint8Array(digest, 0, 8)), text = "";
        for (var i = 0; i < 8; i++) {
          var rest = 0;
          for (var j = 0; j < 8; j++) {
            var value = rest * 256 + number[j];
            number[j] = Math.floor(value / 25);
            rest = value % 25;
          }
          text += CHECK_ALPHABET.charAt(rest);
        }
        return text.slice(0, 4) + " " + text.slice(4);
      });
    }

    return {
      examine: examine, humanCheck: humanCheck, readKeySet: readKeySet, readRing: readRing, readStatement: readStatement,
      isCurrent: isCurrent, isSafeKey: isSafeKey, LIST_KIND: LIST_KIND, INDEX_KIND: INDEX_KIND, SHOPS_PER_LIST: SHOPS_PER_LIST
    };
  }

  root.YdymVerify = { make: make };
})(typeof self !== "undefined" ? self : globalThis);
