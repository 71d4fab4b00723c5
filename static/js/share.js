/* Share: the phone's own sheet where it has one, else the address is copied. Without this script, and where neither works,
   the link leads to a page with the address and its symbol to show. */
(function () {
  "use strict";

  function copied(link) {
    var words = link.querySelector("span"), before = words.textContent;
    words.textContent = link.getAttribute("data-done");
    words.setAttribute("role", "status");
    window.setTimeout(function () { words.textContent = before; }, 2500);
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-share]"), function (link) {
    link.addEventListener("click", function (event) {
      var address = link.getAttribute("data-share");
      function elsewhere() { window.location.assign(link.href); }
      if (navigator.share) {
        event.preventDefault();
        navigator.share({ title: link.getAttribute("data-title"), url: address }).catch(function (error) {
          if (error.name !== "AbortError") { elsewhere(); }
        });
      } else if (navigator.clipboard && window.isSecureContext) {
        event.preventDefault();
        navigator.clipboard.writeText(address).then(function () { copied(link); }, elsewhere);
      }
    });
  });
})();
