/* The page of kept shops: a row for each, then what the bureau says of each now. */
(function () {
  "use strict";
  var page = document.querySelector("[data-favourites]");
  if (!page || !window.Favourites) { return; }
  var list = page.querySelector("[data-list]"), model = page.querySelector("[data-row]"), said = {};

  function row(one) {
    var made = document.importNode(model.content || model, true).querySelector("li");
    var link = made.querySelector("a"), now = said[one.shop], state = made.querySelector("[data-state]");
    link.href = "/s/" + one.shop;
    made.querySelector("[data-name]").textContent = now ? now.name : one.name;
    made.querySelector("[data-place]").textContent = now ? now.place : one.place;
    state.hidden = !now;
    if (now) {
      state.className = "badge badge--" + now.tone;
      state.querySelector("[data-says]").textContent = now.says;
      Array.prototype.forEach.call(state.querySelectorAll("[data-tone]"), function (shape) {
        if (shape.getAttribute("data-tone") !== now.tone) { state.removeChild(shape); }
      });
    }
    var button = made.querySelector("button");
    button.setAttribute("aria-label", button.textContent + " " + one.name);
    button.addEventListener("click", function () { window.Favourites.remove(one.shop); });
    return made;
  }

  function show() {
    var kept = window.Favourites.all();
    while (list.firstChild) { list.removeChild(list.firstChild); }
    kept.forEach(function (one) { list.appendChild(row(one)); });
    page.querySelector("[data-none]").hidden = kept.length > 0;
    page.querySelector("[data-some]").hidden = kept.length === 0;
  }

  function ask() {
    var kept = window.Favourites.all().slice(0, 100), asked = new XMLHttpRequest();
    if (!kept.length) { return; }
    asked.open("POST", page.getAttribute("data-favourites"));
    asked.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    asked.onload = function () {
      var answer = null;
      try { answer = JSON.parse(asked.responseText); } catch (e) { answer = null; }
      if (asked.status !== 200 || !answer) { return; }
      answer.shops.forEach(function (one) { said[one.number] = one; });
      show();
    };
    asked.send(kept.map(function (one) { return "shop=" + one.shop; }).join("&"));
  }

  window.Favourites.listen(show);
  window.addEventListener("storage", show);
  page.hidden = false;
  document.querySelector("[data-without]").hidden = true;
  show();
  ask();
})();
