// The officer's look at a shop's position: district outlines and one pin, read only. Without it the numbers remain.
(function () {
  "use strict";
  var box = document.querySelector("[data-map-show]");
  if (!box) { return; }
  var data = box.dataset;

  function load(tag, attribute, address) {
    return new Promise(function (done, fail) {
      var element = document.createElement(tag);
      if (tag === "link") { element.rel = "stylesheet"; }
      element.onload = done;
      element.onerror = fail;
      element[attribute] = address;
      document.head.appendChild(element);
    });
  }

  function draw(outlines) {
    box.hidden = false;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", data.words);
    var at = [Number(data.lat), Number(data.lng)];
    var map = L.map(box, { attributionControl: false, minZoom: 7, maxZoom: 16, scrollWheelZoom: false });
    map.setView(at, 10);
    if (outlines) {
      L.geoJSON(outlines, { interactive: false, style: { className: "map-outline", weight: 1, fillOpacity: 0.04 } }).addTo(map);
    }
    if (data.fromLat && data.fromLng) {
      var from = [Number(data.fromLat), Number(data.fromLng)];
      L.circleMarker(from, { className: "map-outline", radius: 9, weight: 3, fill: false, interactive: false }).addTo(map);
      map.fitBounds([from, at], { padding: [48, 48], maxZoom: 13 });
    }
    L.marker(at, {
      interactive: false, keyboard: false,
      icon: L.divIcon({
        className: "pin", iconSize: [36, 44], iconAnchor: [18, 42],
        html: '<svg viewBox="0 0 36 44" width="36" height="44" aria-hidden="true"><path fill="currentColor" d="M18 43S34 27.5 34 17A16 16 0 0 0 2 17C2 27.5 18 43 18 43z"/><circle cx="18" cy="17" r="6"/></svg>'
      })
    }).addTo(map);
  }

  Promise.all([load("link", "href", data.leafletCss), load("script", "src", data.leafletJs)])
    .then(function () { return fetch(data.geo).then(function (r) { return r.ok ? r.json() : null; }, function () { return null; }); })
    .then(draw, function () { box.hidden = true; });
})();
