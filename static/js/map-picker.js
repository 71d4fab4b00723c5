// A map for choosing a shop's position. The number inputs stay the truth: the map only writes into them.
// Leaflet and the district outlines are our own files and are fetched only where a picker stands; without them the inputs remain.
(function () {
  "use strict";
  var boxes = document.querySelectorAll("[data-map-picker]");
  if (!boxes.length) { return; }

  function script(src) {
    return new Promise(function (done, fail) {
      var element = document.createElement("script");
      element.src = src;
      element.onload = done;
      element.onerror = fail;
      document.head.appendChild(element);
    });
  }

  function style(href) {
    var element = document.createElement("link");
    element.rel = "stylesheet";
    element.href = href;
    document.head.appendChild(element);
  }

  function start(box) {
    var inputs = box.querySelectorAll("input[type=number]");
    var lat = inputs[0], lng = inputs[1], words = box.dataset;
    var place = box.querySelector(".mappick__map");
    var line = box.querySelector(".mappick__say");
    place.hidden = false;
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", words.msgMap);

    var still = Boolean(window.matchMedia) && matchMedia("(prefers-reduced-motion: reduce)").matches;
    var map = L.map(place, {
      attributionControl: false, minZoom: 7, maxZoom: 18, zoomControl: true,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still
    });
    map.setView([Number(words.lat), Number(words.lng)], 10);
    var icon = L.divIcon({
      className: "pin", iconSize: [36, 44], iconAnchor: [18, 42],
      html: '<svg viewBox="0 0 36 44" width="36" height="44" aria-hidden="true"><path fill="currentColor" d="M18 43S34 27.5 34 17A16 16 0 0 0 2 17C2 27.5 18 43 18 43z"/><circle cx="18" cy="17" r="6"/></svg>'
    });
    var pin = null;

    function tell() {
      line.textContent = words.msgSet.replace("{lat}", lat.value).replace("{lng}", lng.value);
    }

    function put(at, quiet) {
      if (!pin) {
        pin = L.marker(at, { draggable: true, icon: icon, keyboard: false }).addTo(map);
        pin.on("dragend", function () { set(pin.getLatLng()); });
      } else { pin.setLatLng(at); }
      if (!quiet) { tell(); }
    }

    function set(at) {
      lat.value = at.lat.toFixed(6);
      lng.value = at.lng.toFixed(6);
      lat.dispatchEvent(new Event("change", { bubbles: true }));
      put(at);
    }

    function fromInputs(move) {
      if (!lat.value || !lng.value || !lat.checkValidity() || !lng.checkValidity()) { return; }
      var at = L.latLng(Number(lat.value), Number(lng.value));
      put(at);
      if (move) { map.setView(at, Math.max(map.getZoom(), 14)); }
    }

    map.on("click", function (event) { set(event.latlng); });
    place.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.target === place) { set(map.getCenter()); event.preventDefault(); }
    });
    lat.addEventListener("change", function (event) { if (event.isTrusted) { fromInputs(true); } });
    lng.addEventListener("change", function (event) { if (event.isTrusted) { fromInputs(true); } });
    fromInputs(true);

    fetch(words.geo).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (shape) {
      if (!shape) { return; }
      var look = getComputedStyle(document.documentElement);
      L.geoJSON(shape, {
        interactive: false,
        style: { color: look.getPropertyValue("--line-2").trim(), weight: 1, fillColor: look.getPropertyValue("--card").trim(), fillOpacity: 1 },
        onEachFeature: function (feature, layer) {
          var name = feature.properties && feature.properties.name;
          if (name) { layer.bindTooltip(name, { permanent: true, direction: "center", className: "district", opacity: 1, pane: "shadowPane" }); }
        }
      }).addTo(map);
    }).catch(function () { /* the map works without outlines */ });

    if (navigator.geolocation && window.isSecureContext) {
      var here = document.createElement("button");
      here.type = "button";
      here.className = "btn btn--secondary btn--small";
      here.textContent = words.msgHere;
      here.addEventListener("click", function () {
        navigator.geolocation.getCurrentPosition(function (found) {
          var at = L.latLng(found.coords.latitude, found.coords.longitude);
          set(at);
          map.setView(at, 16);
        }, function () { line.textContent = words.msgDenied; }, { enableHighAccuracy: true, timeout: 10000 });
      });
      place.insertAdjacentElement("afterend", here);
    }
  }

  var first = boxes[0].dataset;
  style(first.leafletCss);
  script(first.leafletJs).then(function () { boxes.forEach(start); }, function () { /* no map: the number inputs remain */ });
})();
