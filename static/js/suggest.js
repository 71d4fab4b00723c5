/* Shops while the name is typed. Without this file the form works as it stands. Written for old WebViews (ES5). */
(function () {
  "use strict";
  var form = document.querySelector("form[data-suggest]");
  if (!form || !window.XMLHttpRequest || !window.JSON) return;
  var input = form.querySelector("input[name=q]");
  var list = form.querySelector("[role=listbox]");
  var timer = null, asked = "", request = null, at = -1, composing = false;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    list.hidden = true;
    list.textContent = "";
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(next) {
    var items = list.children;
    if (!items.length) return;
    if (at >= 0) items[at].setAttribute("aria-selected", "false");
    at = (next + items.length) % items.length;
    items[at].setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", items[at].id);
  }

  function show(shops) {
    close();
    shops.forEach(function (shop, number) {
      var item = document.createElement("li"), link = document.createElement("a"), place = document.createElement("span");
      item.id = "seek-" + number;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      link.href = shop.url;
      link.tabIndex = -1;
      link.textContent = shop.name;
      place.className = "quiet";
      place.textContent = shop.place;
      link.appendChild(place);
      item.appendChild(link);
      list.appendChild(item);
    });
    list.hidden = !shops.length;
    input.setAttribute("aria-expanded", shops.length ? "true" : "false");
  }

  function kept() {
    return Array.prototype.map.call(form.querySelectorAll("input[type=hidden]"), function (one) {
      return "&" + encodeURIComponent(one.name) + "=" + encodeURIComponent(one.value);
    }).join("");
  }

  function ask() {
    var typed = input.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (request) request.abort();
    if (!typed) { close(); return; }
    request = new XMLHttpRequest();
    request.open("GET", form.getAttribute("data-suggest") + "?q=" + encodeURIComponent(typed) + kept());
    request.onload = function () {
      if (this.status !== 200 || input.value.trim() !== typed) return;
      try { show(JSON.parse(this.responseText).shops); } catch (_) { close(); }
    };
    request.send();
  }

  function later() {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(ask, 180);
  }

  input.addEventListener("compositionstart", function () { composing = true; });
  input.addEventListener("compositionend", function () { composing = false; later(); });
  input.addEventListener("input", later);
  input.addEventListener("keydown", function (event) {
    if (composing || list.hidden) return;
    if (event.key === "ArrowDown") { mark(at + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp") { mark(at < 0 ? -1 : at - 1); event.preventDefault(); }
    else if (event.key === "Escape") { close(); event.preventDefault(); }
    else if (event.key === "Enter" && at >= 0) { location.href = list.children[at].firstChild.href; event.preventDefault(); }
  });
  document.addEventListener("click", function (event) { if (!form.contains(event.target)) close(); });
  form.addEventListener("focusout", function (event) {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
})();
