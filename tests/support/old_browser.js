// Run before a page's scripts: takes away what an in-app browser of 2014 (Chrome 37's WebView) does not have, and refuses storage.
(function () {
  function take(holder, names) {
    names.split(" ").forEach(function (name) { if (holder) { delete holder[name]; } });
  }
  function refuse() { throw new Error("SecurityError"); }
  ["localStorage", "sessionStorage"].forEach(function (name) { Object.defineProperty(window, name, { get: refuse, configurable: true }); });
  take(window, "fetch caches URLSearchParams IntersectionObserver ResizeObserver PerformanceObserver Proxy AbortController BigInt customElements requestIdleCallback createImageBitmap isSecureContext speechSynthesis TextEncoder TextDecoder");
  take(Navigator.prototype, "serviceWorker share clipboard mediaDevices geolocation");
  take(NodeList.prototype, "forEach entries keys values");
  take(Element.prototype, "closest remove append prepend before after replaceWith replaceChildren toggleAttribute getAttributeNames");
  take(Array, "from of");
  take(Array.prototype, "find findIndex includes fill at flat flatMap");
  take(Object, "assign values entries fromEntries");
  take(String.prototype, "includes startsWith endsWith repeat padStart padEnd replaceAll at");
  take(HTMLFormElement.prototype, "requestSubmit reportValidity");
})();
