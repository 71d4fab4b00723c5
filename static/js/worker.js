// The service worker of the public pages. Every page comes from the network; a kept copy is shown only when there is none,
// and then says above everything else that it is a copy and of when. Office, merchant and personal pages are never kept.
// Before this text the server writes self.SHELL: { version, page, files }.
"use strict";
var SHELL = self.SHELL, PAGES = "ydym-pages", VERIFY = "ydym-verify";
var SHELL_CACHE = "ydym-shell-" + SHELL.version;
var PAGES_MOST = 20, AGE_MOST = 7 * 86400000, CHECK_EVERY = 600000, PATIENCE = 12000;
// Public pages that are the same for everybody; no receipt, no account, no form. Not the black list, nor the page of a
// shop that stands on it: an entry that has ended or is repaired must be read nowhere any more, on no phone either.
var KEPT = /^\/(?:$|s\/[0-9]+$|c\/[^/]+$|shops$|stations$|about$|lists\/red$|reminders(?:\/[0-9]+)?$|disclosures$)/;
// Of a picture the smallest copy only: it stands in for whichever the screen would ask for.
var PARTS = /(?:src|href)="(\/static\/[^"]+)"|srcset="(\/media\/[^" ]+)/g;
// A message to one visitor, a form of one visitor, an entry of the black list.
var UNKEPT = /<div class="flashes"|name="csrf_token"|class="card blackbox"/;

function all(promises) { return Promise.all(promises); }

// --- install and update ------------------------------------------------------------------------------------------------

function fillShell() {
  return caches.open(SHELL_CACHE).then(function (cache) { return cache.addAll([SHELL.page].concat(SHELL.files)); });
}

self.addEventListener("install", function (event) {
  self.skipWaiting();
  event.waitUntil(fillShell());
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return all(names.filter(function (name) {
      return name.indexOf("ydym-shell-") === 0 && name !== SHELL_CACHE;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }).then(check));
});

// --- copies ------------------------------------------------------------------------------------------------------------

function addressOf(request) { return new URL(request.url); }

function isPage(address) { return KEPT.test(address.pathname); }

function partsOf(html) {
  var found = [], match;
  PARTS.lastIndex = 0;
  while ((match = PARTS.exec(html))) { found.push((match[1] || match[2]).replace(/&amp;/g, "&")); }
  return found;
}

function keep(address, answer) {
  var sent = Date.parse(answer.headers.get("Date") || "") || Date.now();
  return answer.text().then(function (html) {
    if (UNKEPT.test(html)) { return null; }
    var title = /<title>([^<]*)<\/title>/.exec(html);
    var headers = new Headers();
    ["Content-Type", "Content-Security-Policy", "ETag", "Referrer-Policy", "X-Content-Type-Options"].forEach(function (name) {
      var value = answer.headers.get(name);
      if (value) { headers.set(name, value); }
    });
    headers.set("X-Kept-At", String(sent));
    headers.set("X-Kept-Title", encodeURIComponent(title ? title[1].split(" · ")[0] : address.pathname));
    return caches.open(PAGES).then(function (cache) {
      return cache.put(address.href, new Response(html, { headers: headers })).then(function () {
        return all(partsOf(html).map(function (part) {
          return cache.match(part).then(function (there) { return there || cache.add(part).catch(function () { /* without it, then */ }); });
        }));
      }).then(function () { return tidy(cache); });
    });
  });
}

function forget(href) {
  return caches.open(PAGES).then(function (cache) { return cache.delete(href, { ignoreVary: true }); });
}

function keptAt(answer) { return Number(answer.headers.get("X-Kept-At")) || 0; }

// The newest PAGES_MOST pages of the last days stay, and what they are made of.
function tidy(cache) {
  return cache.keys().then(function (requests) {
    return all(requests.map(function (request) {
      return cache.match(request, { ignoreVary: true }).then(function (answer) { return { request: request, answer: answer, at: answer ? keptAt(answer) : 0 }; });
    }));
  }).then(function (entries) {
    var pages = entries.filter(function (entry) { return entry.at; }).sort(function (a, b) { return b.at - a.at; });
    var staying = pages.filter(function (entry, index) { return index < PAGES_MOST && Date.now() - entry.at < AGE_MOST; });
    return all(staying.map(function (entry) { return entry.answer.text(); })).then(function (texts) {
      var needed = {};
      texts.forEach(function (html) { partsOf(html).forEach(function (part) { needed[new URL(part, self.location.href).href] = true; }); });
      staying.forEach(function (entry) { needed[entry.request.url] = true; });
      return all(entries.filter(function (entry) { return !needed[entry.request.url]; }).map(function (entry) {
        return cache.delete(entry.request, { ignoreVary: true });
      }));
    });
  });
}

// --- what the server no longer shows, or shows otherwise, leaves ---------------------------------------------------------

var checked = 0;

// HEAD asks without being counted as a visit. No network: nothing is known, everything stays (and is marked as a copy).
function check() {
  if (Date.now() - checked < CHECK_EVERY) { return Promise.resolve(); }
  checked = Date.now();
  return caches.open(PAGES).then(function (cache) {
    return cache.keys().then(function (requests) {
      return all(requests.filter(function (request) { return isPage(addressOf(request)); }).map(function (request) {
        return all([cache.match(request, { ignoreVary: true }), fetch(request.url, { method: "HEAD", credentials: "same-origin", cache: "no-cache" })]).then(function (both) {
          var tag = both[1].headers.get("ETag"), old = both[0] && both[0].headers.get("ETag");
          var gone = both[1].status >= 400 && both[1].status < 500 && both[1].status !== 429;
          return gone || (tag && old && tag !== old) ? cache.delete(request, { ignoreVary: true }) : null;
        }).catch(function () { checked = 0; });
      }));
    }).then(function () { return tidy(cache); });
  });
}

// --- without a network ---------------------------------------------------------------------------------------------------

function offlinePage() {
  return caches.open(SHELL_CACHE).then(function (cache) { return cache.match(SHELL.page, { ignoreVary: true }); });
}

function moment(at, language) {
  var form = { year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
  try { return new Date(at).toLocaleString(language, form); } catch (e) { return new Date(at).toISOString().slice(0, 16).replace("T", " ") + " UTC"; }
}

function escaped(text) { return text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;"); }

// The copy as it may be shown: marked, and in the colours of no verdict. Without the mark's words there is no copy.
function marked(address, answer) {
  return all([answer.text(), offlinePage().then(function (page) { return page ? page.text() : ""; })]).then(function (both) {
    var html = both[0], words = /<div class="offline-mark"[\s\S]*?<\/div>/.exec(both[1]);
    var style = /<link rel="stylesheet" href="[^"]*\/offline\.css[^"]*">/.exec(both[1]);
    var language = /<html lang="([^"]*)"/.exec(both[1]);
    var main = /<main id="main"[^>]*>/.exec(html);
    if (!words || !style || !main) { return null; }
    var mark = words[0].replace(" hidden", "").replace(/\{moment\}/g, escaped(moment(keptAt(answer), language ? language[1] : "zh-CN")))
      .replace(/\{here\}/g, escaped(address.pathname + address.search));
    var shown = html.replace("<html ", "<html data-offline-copy ").replace("</head>", style[0] + "</head>").replace(main[0], function () { return main[0] + mark; });
    var headers = new Headers(answer.headers);
    return new Response(shown, { headers: headers });
  });
}

function copyOf(address) {
  return caches.open(PAGES).then(function (cache) { return cache.match(address.href, { ignoreVary: true }); }).then(function (answer) {
    if (!answer || Date.now() - keptAt(answer) >= AGE_MOST) { return null; }
    return marked(address, answer);
  });
}

function later(milliseconds) { return new Promise(function (resolve) { self.setTimeout(resolve, milliseconds); }); }

// A page: from the network; where that fails, or takes too long and a copy is there, the marked copy; else the offline page.
function navigated(event, address) {
  var mine = isPage(address), done = false;
  var fetched = fetch(event.request).then(function (answer) {
    done = true;
    if (address.pathname === "/view") { event.waitUntil(fillShell().catch(function () { /* next time */ })); } // another language or size
    if (mine && answer.status === 200 && !answer.redirected && answer.type === "basic" && /text\/html/.test(answer.headers.get("Content-Type") || "")) {
      event.waitUntil(keep(address, answer.clone()).catch(function () { /* no room */ }).then(check).catch(function () { /* next time */ }));
    } else if (mine && answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      event.waitUntil(forget(address.href));
    }
    return answer;
  });
  function instead(error) {
    return (mine ? copyOf(address) : Promise.resolve(null)).then(function (copy) { return copy || offlinePage(); }).then(function (page) {
      if (!page) { throw error; }
      return page;
    });
  }
  var patient = fetched.catch(instead);
  if (!mine) { return patient; }
  return Promise.race([patient, later(PATIENCE).then(function () {
    return done ? patient : copyOf(address).then(function (copy) { return copy || patient; });
  })]);
}

// The check page: one for all questions, kept by its own script with its keys and lists.
function verifying(request, isNavigation) {
  function kept() {
    return caches.open(VERIFY).then(function (cache) { return cache.match(isNavigation ? "/verify" : request, { ignoreVary: true }); });
  }
  return fetch(request).then(function (answer) {
    return answer.status < 500 ? answer : kept().then(function (old) { return old || answer; });
  }, function (error) {
    return kept().then(function (old) { return old || (isNavigation ? offlinePage() : null); }).then(function (old) {
      if (old) { return old; }
      throw error;
    });
  });
}

// A part of a page. An address with its content's hash is answered from what is kept at once.
function part(request, address) {
  function kept() { return caches.match(request, { ignoreVary: true }); }
  function asked() { return fetch(request); }
  if (address.pathname.indexOf("/static/") === 0 && address.search.indexOf("?v=") === 0) {
    return kept().then(function (old) { return old || asked(); });
  }
  return asked().catch(function (error) {
    return kept().then(function (old) {
      return old || (address.pathname.indexOf("/media/") === 0 ? caches.match(request, { ignoreVary: true, ignoreSearch: true }) : null);
    }).then(function (old) {
      if (old) { return old; }
      throw error;
    });
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request, address = addressOf(request), path = address.pathname;
  if (request.method !== "GET" || address.origin !== self.location.origin || request.headers.has("range")) { return; }
  if (/^\/(?:office|merchant|mediation|api)(?:\/|$)/.test(path)) { return; }
  if (request.mode === "navigate") {
    event.respondWith(path === "/verify" ? verifying(request, true) : navigated(event, address));
  } else if (path.indexOf("/static/") === 0 || path.indexOf("/media/") === 0) {
    event.respondWith(part(request, address));
  } else if (path.indexOf("/.well-known/ydym-") === 0) {
    event.respondWith(verifying(request, false));
  }
});
