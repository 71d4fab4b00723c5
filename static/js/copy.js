// A copy button appears where copying is possible, and says that it has copied.
(function () {
  "use strict";
  function oldWay(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.appendChild(area);
    area.select();
    var done = false;
    try { done = document.execCommand("copy"); } catch (e) { done = false; }
    document.body.removeChild(area);
    return done ? Promise.resolve() : Promise.reject(new Error("copy refused"));
  }

  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text).catch(function () { return oldWay(text); });
    }
    return oldWay(text);
  }

  [].forEach.call(document.querySelectorAll("[data-copy]"), function (button) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    var idle = button.textContent;
    button.addEventListener("click", function () {
      copy(button.dataset.copy).then(function () {
        button.textContent = button.dataset.done;
        window.setTimeout(function () { button.textContent = idle; }, 2000);
      }, function () {
        // Refused by the browser: mark the text, so that a long press copies it.
        var text = button.parentNode.querySelector(".copy__text");
        if (text) { window.getSelection().selectAllChildren(text); }
      });
    });
  });
})();
