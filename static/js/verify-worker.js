// The check page without a network: what the page kept is given when the network is not there. Registered for /verify only.
"use strict";
var CACHE = "ydym-verify";

self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

function kept(request) {
  var isPage = request.mode === "navigate";
  return caches.open(CACHE).then(function (cache) {
    // The page is one for all questions; a script or style is kept by its content's hash.
    return cache.match(isPage ? "/verify" : request, { ignoreVary: true });
  });
}

self.addEventListener("fetch", function (event) {
  var request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) { return; }
  event.respondWith(fetch(request).then(function (answer) {
    if (answer.status < 500) { return answer; }
    return kept(request).then(function (old) { return old || answer; });
  }, function (error) {
    return kept(request).then(function (old) {
      if (old) { return old; }
      throw error;
    });
  }));
});
