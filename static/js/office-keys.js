// The desk by keyboard: j/k choose a row, o opens it, a letter opens the panel or follows the link that shows it, ? shows
// the help.
(function () {
  "use strict";
  var help = document.getElementById("keys");
  var chosen = -1;
  var before = null; // what had the focus when the help was opened

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-row]")); }

  function choose(step) {
    var all = rows();
    if (!all.length) { return; }
    var at = all.indexOf(document.querySelector("[data-row][data-chosen]"));
    if (at < 0) { at = chosen; }
    chosen = Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step));
    all.forEach(function (row, i) { row.toggleAttribute("data-chosen", i === chosen); });
    var target = all[chosen].matches("a") ? all[chosen] : all[chosen].querySelector("a[href]");
    if (target) { target.focus({ preventScroll: true }); }
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function open() {
    var row = rows()[chosen];
    var link = row && (row.matches("a") ? row : row.querySelector("a[href]"));
    if (link) { link.click(); }
  }

  function toggleHelp(show) {
    if (!help) { return; }
    var opens = show === undefined ? help.hidden : show;
    if (opens === !help.hidden) { return; }
    help.hidden = !opens;
    if (opens) { before = document.activeElement; help.focus(); } else if (before) { before.focus({ preventScroll: true }); }
  }

  // Has somebody written something that a new page would lose?
  function written() {
    return Array.prototype.some.call(document.querySelectorAll("main textarea, main input[type=text]"), function (field) {
      return field.value !== field.defaultValue;
    });
  }

  function press(key) {
    var target = document.querySelector('[data-key="' + key + '"]');
    if (!target || target.disabled) { return false; }
    target.scrollIntoView({ block: "nearest" });
    // A weighty act opens its panel, a link is followed unless words would be lost, and a plain button only takes the
    // focus: one stray letter must decide nothing.
    target.focus({ preventScroll: true });
    if (target.tagName === "SUMMARY" || (target.tagName === "A" && !written())) { target.click(); }
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) { return; }
    if (event.target.closest("input, textarea, select, [contenteditable]")) { return; }
    if (event.key === "j") { choose(1); } else if (event.key === "k") { choose(-1); } else if (event.key === "o") { open(); }
    else if (event.key === "?" || event.key === "？") { toggleHelp(); } else if (event.key === "Escape") { toggleHelp(false); return; }
    else if (!/^[a-z]$/.test(event.key) || !press(event.key)) { return; }
    event.preventDefault();
  });

  // On a phone the menu is one line that is moved sideways: where one is shall be in sight.
  var menu = document.querySelector(".desk__nav"), here = menu && menu.querySelector("[aria-current]");
  if (here) { menu.scrollLeft = here.offsetLeft - 16; }
})();
