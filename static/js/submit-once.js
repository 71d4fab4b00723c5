// Stops a second submit of the same form, says what is going on, and leads to the faults of a returned form.
(function () {
  "use strict";
  function release(form) {
    form.removeAttribute("data-sent");
    [].forEach.call(form.querySelectorAll(".busy"), function (button) {
      button.classList.remove("busy");
      button.removeAttribute("aria-disabled");
      var text = button.querySelector("span") || button;
      if (button.dataset.idle) { text.textContent = button.dataset.idle; }
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("method") !== "post" || form.hasAttribute("data-many") || event.defaultPrevented) { return; }
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    // The pressed button must still be sent, so it is marked and not disabled.
    var button = event.submitter || form.querySelector("[data-busy]");
    if (button && button.dataset.busy) {
      var text = button.querySelector("span") || button;
      button.dataset.idle = text.textContent;
      text.textContent = button.dataset.busy;
      button.classList.add("busy");
      button.setAttribute("aria-disabled", "true");
    }
    // A lost connection must not lock the form for good.
    window.setTimeout(function () { release(form); }, 20000);
  });

  // Back from the next page: the browser may show this one as it was left.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { [].forEach.call(document.querySelectorAll("form[data-sent]"), release); }
  });

  [].forEach.call(document.querySelectorAll("[data-close]"), function (button) {
    var details = button;
    while (details && details.nodeName !== "DETAILS") { details = details.parentNode; }
    if (!details) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      details.open = false;
      details.querySelector("summary").focus();
    });
  });
  [].forEach.call(document.querySelectorAll("details.confirm"), function (details) {
    details.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && details.open) { details.open = false; details.querySelector("summary").focus(); }
    });
    details.addEventListener("toggle", function () {
      if (!details.open) { return; }
      var first = details.querySelector("form .control, form input:not([type=hidden])");
      if (first) { first.focus(); }
    });
  });

  var faults = document.querySelector("[data-autofocus]");
  if (faults) { faults.focus(); }
})();
