// Registers the service worker once the page is there; browsers without one lose nothing. A copy looks again when online.
(function (root) {
  "use strict";
  var me = document.currentScript, own = root.navigator.serviceWorker;
  if (document.documentElement.hasAttribute("data-offline-copy")) {
    root.addEventListener("online", function () { root.location.reload(); });
  }
  if (!own || !me || !root.isSecureContext) { return; }
  function trusted(address) { // where the policy asks for trusted types
    if (!root.trustedTypes) { return address; }
    return root.trustedTypes.createPolicy("ydym-worker", { createScriptURL: function (url) { return url; } }).createScriptURL(address);
  }
  root.addEventListener("load", function () {
    try { own.register(trusted(me.getAttribute("data-worker")), { scope: "/", updateViaCache: "none" }).catch(function () { /* it works with a network then */ }); } catch (e) { /* likewise */ }
  });
})(window);
