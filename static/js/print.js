// A print button appears where printing is possible.
(function () {
  "use strict";
  if (!window.print) { return; }
  [].forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
