// The check page in the visitor's own browser: camera, picture or text; works without a network once it was opened.
// Without this script the page's forms ask the server, which says the same.
(function (root) {
  "use strict";
  var box = document.getElementById("verify");
  if (!box || !root.YdymVerify || !root.nacl || !root.fflate || !root.fetch || !root.Promise) { return; }

  var CACHE = "ydym-verify", LISTS_KEPT = 32, PATIENCE = 8000, RENEW = 300000;
  var words = box.dataset, host = words.host;
  var subtle = root.crypto && root.crypto.subtle || null;
  var core = root.YdymVerify.make({ nacl: root.nacl, unzlib: root.fflate.unzlibSync, subtle: subtle });
  var eyes = root.YdymEyes.make(words.jsqr);
  var result = document.getElementById("verify-result");
  var known = { ring: null, lists: {} };

  function now() { return Math.floor(Date.now() / 1000); }

  // --- what is known -----------------------------------------------------------------------------------------------------

  function store() { return root.caches ? root.caches.open(CACHE) : Promise.resolve(null); }

  function fetched(address) {
    return new Promise(function (resolve, reject) {
      root.setTimeout(function () { reject(new Error("too slow")); }, PATIENCE);
      root.fetch(address, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) { throw new Error("status " + answer.status); }
        resolve(answer);
      }).catch(reject);
    });
  }

  // The text at an address: from the network, else as it was kept.
  function text(address) {
    return fetched(address).then(function (answer) {
      var copy = answer.clone();
      store().then(function (cache) { return cache && cache.put(address, copy); }).catch(function () { /* no room: next time */ });
      return answer.text();
    }).catch(function () {
      return store().then(function (cache) { return cache ? cache.match(address, { ignoreVary: true }) : null; }).then(function (old) {
        if (!old) { throw new Error("neither network nor copy"); }
        return old.text();
      });
    });
  }

  function learn() {
    return text(words.keys).then(function (body) {
      return core.readKeySet(JSON.parse(body), host, now());
    }).then(function (ring) {
      known.ring = ring;
      return text(words.index);
    }).then(function (body) {
      return core.readStatement(body, core.INDEX_KIND, known.ring);
    }).then(function (index) {
      var paths = index.status_lists.slice(0, LISTS_KEPT).map(function (address) { return new URL(address).pathname; });
      return Promise.all(paths.map(learnList));
    }).then(tellReady, tellReady);
  }

  function learnList(path) {
    return text(path).then(function (statement) { known.lists[path] = statement; }).catch(function () { /* cannot say, then */ });
  }

  function lists() {
    return Object.keys(known.lists).map(function (path) { return known.lists[path]; });
  }

  // "Works without a network" is said only when it is true, with the time of the oldest list.
  function tellReady() {
    var ready = box.querySelector("[data-ready]"), all = lists();
    if (!known.ring || !all.length) { ready.hidden = true; return; }
    Promise.all(all.map(function (list) { return core.readStatement(list, core.LIST_KIND, known.ring); })).then(function (claims) {
      var oldest = claims.reduce(function (a, b) { return a.iat < b.iat ? a : b; });
      fill(ready, "issued", moment(oldest.iat));
      fill(ready, "expires", moment(oldest.exp));
      ready.hidden = !core.isCurrent(oldest, now()) || !("serviceWorker" in navigator);
    }).catch(function () { ready.hidden = true; });
  }

  function moment(seconds) {
    var form = { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
    // Pages are in Chinese or in English; the dates follow.
    return new Date(seconds * 1000).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "zh-CN", form);
  }

  // --- the answer --------------------------------------------------------------------------------------------------------

  function fill(within, name, value) {
    Array.prototype.forEach.call(within.querySelectorAll("[data-fill=" + name + "]"), function (place) { place.textContent = value; });
  }

  function part(name) { return document.getElementById("verify-" + name).content.cloneNode(true); }

  function show(pieces) {
    result.textContent = "";
    pieces.forEach(function (piece) { result.appendChild(piece); });
    result.hidden = false;
    result.scrollIntoView({ block: "start" });
  }

  function say(name) { show([part("say-" + name)]); }

  function examine(typed) {
    return core.examine(typed, { host: host, ring: known.ring || {}, lists: lists(), now: now() });
  }

  // Offline for what the lists can say; where they cannot and there is a network, the server looks into the books.
  // `unanswered` takes (typed, reason) then: `ask`, or `admit` when the server was asked already.
  function answer(typed, unanswered) {
    if (!typed.trim()) { say("nothing"); return Promise.resolve(); }
    if (!known.ring) {
      return learn().then(function () { return known.ring ? answer(typed, unanswered) : unanswered(typed, "no_keys"); });
    }
    return examine(typed).then(function (said) {
      if (said.outcome === "cannot_say") { return unanswered(typed, said.reason); }
      if (said.outcome === "forged") {
        show([part("forged"), part("stage-" + said.stage), part("beware")]);
        return;
      }
      return core.humanCheck(said.token).then(function (group) {
        var card = part("facts");
        fill(card, "label", said.label);
        fill(card, "check", group || "—");
        card.querySelector("[data-record]").href = words.server + "?code=" + encodeURIComponent(said.token);
        show([part(said.outcome), card]);
      });
    }).catch(function () { return unanswered(typed, "broken"); });
  }

  function ask(typed, reason) {
    if (navigator.onLine) { root.location.assign(words.server + "?code=" + encodeURIComponent(typed.trim().slice(0, 2048))); return; }
    admit(typed, reason);
  }

  function admit(typed, reason) { show([part("cannot_say"), part("reason-" + reason)]); }

  // --- camera, picture, text ---------------------------------------------------------------------------------------------

  function camera() {
    var panel = box.querySelector("[data-camera]");
    if (!panel) { return; }
    if (!eyes.hasCamera) { panel.parentNode.removeChild(panel); return; } // its place was kept by the style sheet
    var video = panel.querySelector("video"), start = panel.querySelector("[data-start]"), stop = panel.querySelector("[data-stop]");
    var frame = panel.querySelector("[data-frame]"), running = null;
    panel.hidden = false;

    function end(focus) {
      if (running) { running.stop(); running = null; }
      frame.hidden = stop.hidden = true;
      start.hidden = false;
      if (focus) { start.focus(); }
    }

    start.addEventListener("click", function () {
      frame.hidden = stop.hidden = false;
      start.hidden = true;
      stop.focus();
      running = eyes.watch(video, function (seen) {
        end(true);
        answer(seen, ask);
      }, function () {
        end(true);
        say("no-camera");
      });
    });
    stop.addEventListener("click", function () { end(true); });
    document.addEventListener("visibilitychange", function () { if (document.hidden) { end(false); } });
  }

  function picture() {
    var form = box.querySelector("[data-picture]"), input = form.querySelector("input[type=file]");
    function read() {
      if (!input.files.length) { return; }
      say("reading");
      eyes.readFile(input.files[0]).then(function (seen) {
        if (seen) { return answer(seen, ask); }
        // The server's reader has sharper eyes; without a network we say what to do.
        if (navigator.onLine) { form.submit(); } else { say("no-symbol"); }
      }).catch(function () { say("no-picture"); });
    }
    input.addEventListener("change", read);
    form.addEventListener("submit", function (event) {
      if (input.files.length) { event.preventDefault(); read(); }
    });
  }

  function typing() {
    var form = box.querySelector("[data-text]"), area = form.querySelector("textarea");
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      answer(area.value, ask);
    });
    // A question in the address and no answer in the page: the server was asked and is away, what was kept came instead.
    // Asking it again would bring this page again, for ever.
    var asked = new URLSearchParams(root.location.search);
    if (words.answered) { return; }
    if (asked.get("code")) {
      area.value = asked.get("code").slice(0, 2048);
      answer(area.value, admit);
    } else if (asked.get("number")) {
      show([part("cannot_say"), part("reason-number")]);
    }
  }

  // --- without a network -------------------------------------------------------------------------------------------------

  function keep() {
    if (!("serviceWorker" in navigator) || !root.caches) { return; }
    navigator.serviceWorker.ready.then(store).then(function (cache) {
      var files = Array.prototype.map.call(document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"), function (element) {
        return element.href || element.src;
      }).concat([new URL(words.jsqr, root.location.href).href, new URL(words.server, root.location.href).href]);
      return Promise.all(files.map(function (address) {
        return fetched(address).then(function (answered) { return cache.put(address, answered); });
      })).then(function () { return cache.keys(); }).then(function (requests) {
        // What an earlier version of the page needed goes.
        return Promise.all(requests.filter(function (request) {
          return request.url.indexOf("/static/") >= 0 && files.indexOf(request.url) < 0;
        }).map(function (request) { return cache.delete(request); }));
      }).then(function () { box.dataset.kept = "yes"; });
    }).catch(function () { /* it works with a network then */ });
  }

  camera();
  picture();
  learn().then(function () {
    typing();
    keep();
    root.setInterval(learn, RENEW);
    root.addEventListener("online", learn);
    box.dataset.ready = "yes";
  });
})(self);
