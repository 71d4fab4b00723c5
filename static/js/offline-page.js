// The offline page: the kept copies by name and time, and whether something half written is on this device.
(function (root) {
  "use strict";
  var box = document.querySelector("[data-kept]"), list = document.querySelector("[data-kept-list]");
  root.addEventListener("online", function () { root.location.reload(); });
  try {
    if (Object.keys(root.localStorage).some(function (key) { return key.indexOf("draft:") === 0; })) {
      document.querySelector("[data-drafts]").hidden = false;
    }
  } catch (e) { /* no storage: no drafts */ }
  if (!box || !root.caches) { return; }

  function moment(at) {
    var form = { year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
    return new Date(at).toLocaleString(document.documentElement.lang, form);
  }

  function row(page) {
    var item = document.createElement("li"), link = document.createElement("a");
    var words = document.createElement("span"), name = document.createElement("b"), said = document.createElement("span");
    link.className = "row"; link.href = page.href;
    words.className = "row__main"; name.className = "row__title"; said.className = "row__note";
    name.textContent = page.title;
    said.textContent = list.getAttribute("data-as-of").replace("{moment}", moment(page.at));
    words.appendChild(name); words.appendChild(said); link.appendChild(words); item.appendChild(link);
    return item;
  }

  root.caches.open("ydym-pages").then(function (cache) {
    return cache.keys().then(function (requests) {
      return Promise.all(requests.map(function (request) {
        return cache.match(request, { ignoreVary: true }).then(function (answer) {
          var at = answer && Number(answer.headers.get("X-Kept-At"));
          return at ? { href: request.url, at: at, title: decodeURIComponent(answer.headers.get("X-Kept-Title") || request.url) } : null;
        });
      }));
    });
  }).then(function (pages) {
    pages = pages.filter(Boolean).sort(function (a, b) { return b.at - a.at; });
    pages.forEach(function (page) { list.appendChild(row(page)); });
    box.hidden = pages.length === 0;
  }).catch(function () { /* nothing kept */ });
})(window);
