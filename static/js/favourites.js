/* Shops kept on this device. Works without an account, and nothing of it is sent anywhere by this script.

   Format, in localStorage under "ydym.favourites" (JSON):

     {"v": 1, "shops": {"17": {"n": "name", "p": "district", "at": 1795852800, "gone": 0}, …}}

   The key is the shop's number; "n" and "p" are what was on the page when it was kept; "at" is when it was last kept or
   taken out, in seconds since 1970; "gone" is 1 for one that was taken out. Those stay as marks, so that two devices can
   be put together: of each shop the entry with the larger "at" counts (merge). At most 200 are kept.

   window.Favourites: all() → [{shop, name, place, at}] newest first; has(shop); add(shop, name, place); remove(shop);
   raw() → the whole as above; merge(other) → true when something changed; listen(fn): called after every change. */
(function () {
  "use strict";
  var KEY = "ydym.favourites", MOST = 200, heard = [];

  function now() { return Math.floor(Date.now() / 1000); }

  function raw() {
    var kept = null;
    try { kept = JSON.parse(window.localStorage.getItem(KEY)); } catch (e) { kept = null; }
    return kept && kept.v === 1 && kept.shops && typeof kept.shops === "object" ? kept : { v: 1, shops: {} };
  }

  function write(kept) {
    var numbers = Object.keys(kept.shops).sort(function (a, b) { return kept.shops[b].at - kept.shops[a].at; });
    numbers.slice(MOST).forEach(function (number) { delete kept.shops[number]; });
    try { window.localStorage.setItem(KEY, JSON.stringify(kept)); } catch (e) { return false; }
    heard.forEach(function (tell) { tell(); });
    return true;
  }

  function all() {
    var shops = raw().shops;
    return Object.keys(shops).filter(function (number) { return !shops[number].gone; }).map(function (number) {
      var one = shops[number];
      return { shop: Number(number), name: String(one.n), place: String(one.p || ""), at: Number(one.at) };
    }).sort(function (a, b) { return b.at - a.at || a.shop - b.shop; });
  }

  function has(shop) {
    var one = raw().shops[shop];
    return !!one && !one.gone;
  }

  function add(shop, name, place) {
    var kept = raw();
    kept.shops[shop] = { n: name, p: place || "", at: now(), gone: 0 };
    return write(kept);
  }

  function remove(shop) {
    var kept = raw(), one = kept.shops[shop];
    if (!one) { return true; }
    kept.shops[shop] = { n: one.n, p: one.p, at: now(), gone: 1 };
    return write(kept);
  }

  function merge(other) {
    var kept = raw(), changed = false, shops = (other && other.shops) || {};
    Object.keys(shops).forEach(function (number) {
      var theirs = shops[number], mine = kept.shops[number];
      if (!/^[1-9][0-9]{0,9}$/.test(number) || !(theirs.at > 0) || (mine && mine.at >= theirs.at)) { return; }
      kept.shops[number] = { n: String(theirs.n), p: String(theirs.p || ""), at: theirs.at, gone: theirs.gone ? 1 : 0 };
      changed = true;
    });
    return changed && write(kept);
  }

  function works() {
    try {
      window.localStorage.setItem(KEY + ".try", "1");
      window.localStorage.removeItem(KEY + ".try");
      return true;
    } catch (e) { return false; }
  }

  window.Favourites = {
    all: all, has: has, add: add, remove: remove, raw: raw, merge: merge, works: works,
    listen: function (tell) { heard.push(tell); }
  };

  /* The button on a shop's page. It is a link to the page of kept shops, and stays one where nothing can be kept. */
  Array.prototype.forEach.call(document.querySelectorAll("[data-favourite]"), function (button) {
    if (!works()) { return; }
    var words = button.querySelector("span"), off = words.textContent;
    function show() {
      var kept = has(button.getAttribute("data-favourite"));
      words.textContent = kept ? button.getAttribute("data-on") : off;
      button.setAttribute("aria-pressed", kept ? "true" : "false");
    }
    button.setAttribute("role", "button");
    button.addEventListener("keydown", function (event) {
      if (event.key === " " || event.keyCode === 32) { event.preventDefault(); button.click(); }
    });
    button.addEventListener("click", function (event) {
      event.preventDefault();
      var shop = button.getAttribute("data-favourite");
      if (has(shop)) { remove(shop); } else { add(shop, button.getAttribute("data-name"), button.getAttribute("data-place")); }
      show();
    });
    window.addEventListener("storage", show);
    heard.push(show);
    show();
  });
})();
