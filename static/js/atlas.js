// The map of shops. The server gathers; this file draws circles and pins, and says the same in words beside the map.
// Without it, or without Leaflet, the list of districts remains. Our own files only, unless the city set tiles.
(function () {
  "use strict";
  var root = document.querySelector("[data-atlas]");
  if (!root || !window.fetch || !window.Promise) { return; }
  var say = root.dataset, place = root.querySelector(".atlas__map"), line = root.querySelector(".atlas__say"), list = root.querySelector(".atlas__list");
  var SIGNS = { trusted: "M11 17l4.500 4.500L25 12", suspended: "M11 17h14", uncertain: "M14 13a4 4 0 1 1 5 4v2M19 24v.1", revoked: "M12 11l12 12M24 11L12 23", black: "M12 11l12 12M24 11L12 23", not_vouched: "M11 17h14" };
  var SQUARE = { revoked: true, black: true };

  function script(src) {
    return new Promise(function (done, fail) {
      var element = document.createElement("script");
      element.src = src;
      element.onload = done;
      element.onerror = fail;
      document.head.appendChild(element);
    });
  }

  function text(tag, words, className) {
    var element = document.createElement(tag);
    element.textContent = words;
    if (className) { element.className = className; }
    return element;
  }

  function stars(shop) {
    return shop.stars ? "★ " + shop.stars + "　" + say.sayCount.replace("{n}", shop.ratings) : say.sayUnrated;
  }

  function gathered(count) {
    var side = count < 10 ? 44 : count < 100 ? 48 : count < 1000 ? 54 : 62;
    return L.divIcon({ className: "", iconSize: [side, side], html: '<div class="gather">' + count + "</div>" });
  }

  function pin(shop) {
    var body = SQUARE[shop.verdict] ? '<path fill="currentColor" d="M3 3h30v28H23l-5 12-5-12H3z"/>' : '<path fill="currentColor" d="M18 43S34 27.500 34 17A16 16 0 0 0 2 17C2 27.500 18 43 18 43z"/>';
    return L.divIcon({
      className: "", iconSize: [36, 44], iconAnchor: [18, 42], popupAnchor: [0, -40],
      html: '<svg class="spot spot--' + shop.verdict + '" viewBox="0 0 36 44" aria-hidden="true">' + body + '<path class="spot__sign" d="' + SIGNS[shop.verdict] + '"/></svg>'
    });
  }

  function card(shop) {
    var box = document.createElement("div"), link = text("a", shop.name);
    link.href = shop.url;
    box.appendChild(text("b", "")).appendChild(link);
    box.appendChild(text("div", shop.word + " · " + shop.place));
    box.appendChild(text("small", stars(shop)));
    return box;
  }

  function row(shop) {
    var item = document.createElement("li"), link = document.createElement("a"), words = document.createElement("span");
    link.href = shop.url;
    words.appendChild(text("b", shop.name));
    words.appendChild(text("small", shop.place + " · " + stars(shop)));
    link.appendChild(words);
    link.appendChild(text("span", shop.word, "atlas__word atlas__word--" + shop.verdict));
    item.appendChild(link);
    return item;
  }

  // Service stations stand in the page already, each with its place: the layer is drawn from the list, so both say the same.
  // A house, where shops are drops or squares: shape and word tell them apart, not colour alone.
  function house() {
    return L.divIcon({
      className: "", iconSize: [36, 40], iconAnchor: [18, 38], popupAnchor: [0, -36],
      html: '<svg class="spot spot--station" viewBox="0 0 36 40" aria-hidden="true"><path fill="currentColor" d="M18 1 35 15v17H23l-5 7-5-7H1V15z"/><path class="spot__sign" d="M18 12v14M11 19h14"/></svg>'
    });
  }

  function addStations(map) {
    var here = root.querySelector(".atlas__stations"), marks = L.layerGroup().addTo(map), placed = [];
    if (!here) { return; }
    var said = here.querySelector(".atlas__say-stations");
    here.querySelectorAll("[data-at]").forEach(function (item) {
      var at = item.dataset.at.split(",").map(Number), box = document.createElement("div");
      box.className = "atlas__card";
      var copy = item.cloneNode(true);
      while (copy.firstChild) { box.appendChild(copy.firstChild); }
      L.marker(at, { icon: house(), keyboard: false, alt: item.dataset.name, zIndexOffset: 500 }).bindPopup(box, { maxWidth: Math.min(280, place.clientWidth - 140), autoPanPaddingTopLeft: [64, 8] }).addTo(marks);
      placed.push([item, L.latLng(at)]);
    });

    function look() { // beside the map: those in view
      var view = map.getBounds(), count = 0;
      placed.forEach(function (pair) {
        pair[0].hidden = !view.contains(pair[1]);
        if (!pair[0].hidden) { count += 1; }
      });
      if (placed.length) { said.textContent = count ? say.sayStations.replace("{n}", count) : say.sayNoStations; }
    }
    map.on("moveend", look);
    look();
  }

  // Where the map stands is in the address behind #, so that a switch or a shared link keeps it.
  function standing() {
    var found = /^#(\d{1,2})\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
    return found ? { zoom: Number(found[1]), at: [Number(found[2]), Number(found[3])] } : null;
  }

  var found = false;
  function keepStanding(map) {
    function note() {
      if (found) { return; } // around where somebody stands: no address keeps that
      var at = map.getCenter(), hash = "#" + map.getZoom() + "/" + at.lat.toFixed(5) + "/" + at.lng.toFixed(5);
      if (window.history && history.replaceState) { history.replaceState(null, "", hash); }
      document.querySelectorAll(".filters__quick a").forEach(function (link) { link.hash = hash; });
    }
    map.on("moveend", note);
  }

  function start() {
    place.hidden = false;
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", say.sayMap);
    var still = window.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches;
    var map = L.map(place, { attributionControl: Boolean(say.tiles), minZoom: 7, maxZoom: Number(say.deepest), zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still });
    var marks = L.layerGroup().addTo(map), asked = 0, timer = null;
    var kept = standing();
    if (kept) { map.setView(kept.at, kept.zoom); } else { map.setView([38.87, 115.46], 8); }
    if (map.attributionControl) { map.attributionControl.setPrefix(false); }
    if (say.tiles) { L.tileLayer(say.tiles, { subdomains: say.subdomains || "abc", maxZoom: Number(say.deepest), attribution: say.credit }).addTo(map); }

    function show(all) {
      var view = map.getBounds(), found = { shops: all.shops.filter(function (shop) { return view.contains(shop.at); }), total: 0 };
      found.cells = all.cells.filter(function (cell) { return view.contains([cell[0], cell[1]]); });
      found.total = found.shops.length + found.cells.reduce(function (sum, cell) { return sum + cell[2]; }, 0);
      marks.clearLayers();
      list.textContent = "";
      line.hidden = false;
      line.textContent = found.total ? say.sayTotal.replace("{n}", found.total) : say.sayNone;
      if (found.total && !found.shops.length) { line.textContent += "。" + say.sayMany; }
      list.hidden = !found.shops.length;
      found.cells.forEach(function (cell) {
        var mark = L.marker([cell[0], cell[1]], { icon: gathered(cell[2]) });
        mark.on("click", function () {
          var box = cell[3], flat = box[0] === box[2] && box[1] === box[3];
          if (flat) { map.setView([cell[0], cell[1]], Math.min(map.getZoom() + 3, map.getMaxZoom())); }
          else { map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: [40, 40], maxZoom: 18 }); }
        });
        mark.addTo(marks);
        size(mark);
        name(mark, say.sayTotal.replace("{n}", cell[2]));
      });
      found.shops.forEach(function (shop) {
        // Pins may lie close together: they are for pointers, the list beside the map has the same shops for all.
        L.marker(shop.at, { icon: pin(shop), keyboard: false }).bindPopup(card(shop)).addTo(marks);
        list.appendChild(row(shop));
      });
    }

    function size(mark) { // the strict policy allows no style attribute in markup: set it on the element
      var inner = mark.getElement() && mark.getElement().firstChild;
      if (inner) { inner.style.width = mark.options.icon.options.iconSize[0] + "px"; inner.style.height = mark.options.icon.options.iconSize[1] + "px"; }
    }

    function name(mark, words) { // Leaflet makes it a button and names only pictures
      if (mark.getElement()) { mark.getElement().setAttribute("aria-label", words); }
    }

    function ask() {
      var box = map.getBounds(), mine = ++asked;
      // Whole squares of half a tile: what is asked for, and with it what a log may keep, tells no exact middle.
      var side = 180 / Math.pow(2, map.getZoom()), out = [Math.floor, Math.floor, Math.ceil, Math.ceil];
      var view = [Math.max(box.getSouth(), -84), box.getWest(), Math.min(box.getNorth(), 84), box.getEast()].map(function (part, at) { return (out[at](part / side) * side).toFixed(5); }).join(",");
      fetch(say.cells + (say.cells.indexOf("?") < 0 ? "?" : "&") + "zoom=" + map.getZoom() + "&box=" + view)
        .then(function (answer) { if (!answer.ok) { throw new Error(answer.status); } return answer.json(); })
        .then(function (found) { if (mine === asked) { show(found); } })
        .catch(function () { if (mine === asked) { line.hidden = false; line.textContent = say.sayFailed; } });
    }

    function labels() { place.className = place.className.replace(/ ?atlas__map--far/, "") + (map.getZoom() < 9 ? " atlas__map--far" : ""); }
    map.on("zoomend", labels);
    labels();
    addStations(map);
    keepStanding(map);
    map.on("moveend", function () { clearTimeout(timer); timer = setTimeout(ask, 120); });

    fetch(say.geo).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (shape) {
      if (!shape) { return; }
      var look = getComputedStyle(document.documentElement), chosen = null;
      var layer = L.geoJSON(shape, {
        coordsToLatLng: function (point) { var at = DATUMS.shown(say.datum, point[1], point[0]); return L.latLng(at[0], at[1]); },
        interactive: false,
        style: { color: look.getPropertyValue("--line-2").trim(), weight: 1, fillColor: look.getPropertyValue("--card").trim(), fillOpacity: say.tiles ? 0 : 1 },
        onEachFeature: function (feature, one) {
          if (feature.properties.code === say.district) { chosen = one; }
          one.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "district", opacity: 1, pane: "shadowPane" });
        }
      }).addTo(map);
      if (!kept) { map.fitBounds((chosen || layer).getBounds(), { padding: [8, 8] }); }
    }).catch(function () { /* the map works without outlines */ });
    ask();

    if (navigator.geolocation && window.isSecureContext) {
      var here = text("button", say.sayHere, "btn btn--secondary btn--small atlas__here");
      here.type = "button";
      here.addEventListener("click", function () {
        navigator.geolocation.getCurrentPosition(function (got) {
          found = true;
          if (window.history && history.replaceState) { history.replaceState(null, "", location.pathname + location.search); }
          document.querySelectorAll(".filters__quick a").forEach(function (link) { link.hash = ""; });
          var at = DATUMS.shown(say.datum, Number(got.coords.latitude.toFixed(3)), Number(got.coords.longitude.toFixed(3)));
          map.setView(at, 16);
        }, function () { line.hidden = false; line.textContent = say.sayDenied; }, { enableHighAccuracy: true, timeout: 10000 });
      });
      place.appendChild(here);
      L.DomEvent.disableClickPropagation(here);
    }
  }

  script(say.leaflet).then(function () { return script(say.datums); }).then(start, function () { /* the districts remain */ });
})();
