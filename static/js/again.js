/* Looks at a page again while something is on its way: every data-seconds, unless somebody is typing or has a panel
   open. Without scripts the page says the same to the browser (components/again.html). */
(function () {
  "use strict";
  var seconds = Number(document.currentScript.getAttribute("data-seconds")) || 5;

  function busy() {
    var here = document.activeElement;
    var typing = here && /^(INPUT|TEXTAREA|SELECT)$/.test(here.tagName);
    return document.hidden || typing || document.querySelector("main details[open], .desk__decision details[open]");
  }

  function look() {
    if (busy()) {
      window.setTimeout(look, seconds * 1000);
    } else {
      window.location.reload();
    }
  }

  window.setTimeout(look, seconds * 1000);
})();
