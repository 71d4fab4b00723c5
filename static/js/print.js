// A print button appears where printing is possible.
(function () {
  "use strict";
  if (!window.print) { return; }
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
