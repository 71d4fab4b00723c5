// Keeps what was typed into form[data-draft] in this browser until the server says that it is stored ([data-draft-clear]).
// Never kept: passwords, hidden fields, files, and fields with data-no-draft. A returned form (with faults) wins over the draft.
(function () {
  "use strict";
  var PREFIX = "draft:";
  var DAYS = 7;
  var store;
  try { store = window.localStorage; store.setItem(PREFIX + "probe", "1"); store.removeItem(PREFIX + "probe"); } catch (e) { return; }

  function keep(field) {
    return field.name && !field.hasAttribute("data-no-draft") &&
      ["hidden", "password", "file", "submit", "button"].indexOf(field.type) < 0;
  }

  function fields(form) { return Array.prototype.filter.call(form.elements, keep); }

  function write(form) {
    var values = {};
    fields(form).forEach(function (field) {
      var tick = field.type === "checkbox" || field.type === "radio";
      if (tick && !field.checked) { return; }
      (values[field.name] = values[field.name] || []).push(field.value);
    });
    try { store.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), values: values })); } catch (e) { /* full: no draft */ }
  }

  function read(key) {
    try {
      var kept = JSON.parse(store.getItem(PREFIX + key));
      return kept && Date.now() - kept.at < DAYS * 86400000 ? kept.values : null;
    } catch (e) { return null; }
  }

  function preset(field) {
    for (var at = field; at && at.hasAttribute; at = at.parentNode) {
      if (at.hasAttribute("data-preset")) { return true; }
    }
    return false;
  }

  function untouched(form) {
    return !document.querySelector(".errors") && fields(form).every(function (field) {
      if (field.type === "checkbox" || field.type === "radio") { return !field.defaultChecked || field.value === "" || preset(field); }
      if (field.type === "date") { return true; } // today may be preset; it is nobody's words
      return !field.defaultValue && (field.tagName !== "SELECT" || field.selectedIndex <= 0);
    });
  }

  // Words that came back are not left behind a closed fold.
  function unfold(field) {
    for (var at = field; at; at = at.parentNode) {
      if (at.nodeName === "DETAILS") { at.open = true; }
    }
  }

  function restore(form, values) {
    var used = {};
    fields(form).forEach(function (field) {
      var given = values[field.name];
      if (!given) { return; }
      if (field.type === "checkbox" || field.type === "radio") { field.checked = given.indexOf(field.value) >= 0; return; }
      var n = used[field.name] = (used[field.name] || 0) + 1;
      if (given[n - 1] !== undefined) { field.value = given[n - 1]; }
      if (field.value && field.value !== field.defaultValue) { unfold(field); }
    });
  }

  [].forEach.call(document.querySelectorAll("[data-draft-clear]"), function (mark) { store.removeItem(PREFIX + mark.dataset.draftClear); });

  // Old drafts of other pages leave as well: a shared phone keeps nothing for long.
  Object.keys(store).forEach(function (key) {
    if (key.indexOf(PREFIX) === 0 && !read(key.slice(PREFIX.length))) { store.removeItem(key); }
  });

  [].forEach.call(document.querySelectorAll("form[data-draft]"), function (form) {
    var values = read(form.dataset.draft);
    if (values && untouched(form)) { restore(form, values); }
    var timer = 0;
    function now() { window.clearTimeout(timer); timer = 0; write(form); }
    function soon() { window.clearTimeout(timer); timer = window.setTimeout(now, 300); }
    window.addEventListener("pagehide", function () { if (timer) { now(); } }); // whoever leaves at once loses nothing
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
  });
})();
