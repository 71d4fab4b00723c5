// The check page had a worker of its own once. Whoever still has it is freed of it: the public pages' worker does its work.
"use strict";
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.registration.unregister()); });
