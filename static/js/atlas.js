// The map of shops. The server gathers; this file draws circles and pins, and says the same in words beside the map.
// Without it, or without Leaflet, the list of districts remains. Our own files only, unless the city set tiles.
(function () {
  "use strict";
  var root = document.querySelector("[data-atlas]");
  if (!root) { return; }
  if (!window.fetch || !window.Promise) { root.querySelector(".atlas__map").hidden = true; return; }
  var say = root.dataset, place = root.querySelector(".atlas__map"), line = root.querySelector(".atlas__say"), list = root.querySelector(".atlas__shop-list");
  var points = root.querySelector(".atlas__points"), pointList = root.querySelector(".atlas__point-list");
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

  function gathered(count, kind) {
    var side = count < 10 ? 44 : count < 100 ? 48 : count < 1000 ? 54 : 62;
    return L.divIcon({ className: "", iconSize: [side, side], html: kind === "points" ? hexagon(count) : '<div class="gather">' + count + "</div>" });
  }

  // A point that takes goods back is a hexagon, gathered or alone; the houses of stations and the drops of shops are others.
  function hexagon(count) {
    return '<div><svg class="spot spot--point" viewBox="0 0 48 48" aria-hidden="true"><path fill="currentColor" d="M24 1l20 11.500v23L24 47 4 35.500v-23z"/><text class="spot__count" x="24" y="29">' + count + "</text></svg></div>";
  }

  function pointPin() {
    return L.divIcon({
      className: "", iconSize: [36, 44], iconAnchor: [18, 42], popupAnchor: [0, -40],
      html: '<svg class="spot spot--point" viewBox="0 0 36 44" aria-hidden="true"><path fill="currentColor" d="M18 1l16 9v16L18 43 2 26V10z"/><path class="spot__sign" d="M11 18h10a4 4 0 0 1 0 8h-3M16 13l-5 5 5 5"/></svg>'
    });
  }

  function pin(shop) {
    var body = SQUARE[shop.verdict] ? '<path fill="currentColor" d="M3 3h30v28H23l-5 12-5-12H3z"/>' : '<path fill="currentColor" d="M18 43S34 27.500 34 17A16 16 0 0 0 2 17C2 27.500 18 43 18 43z"/>';
    return L.divIcon({
      className: "", iconSize: [36, 44], iconAnchor: [18, 42], popupAnchor: [0, -40],
      html: '<svg class="spot spot--' + shop.verdict + '" viewBox="0 0 36 44" aria-hidden="true">' + body + '<path class="spot__sign" d="' + SIGNS[shop.verdict] + '"/></svg>'
    });
  }

  function card(shop) {
    var box = text("div", "", "atlas__card"), link = text("a", shop.name);
    link.href = shop.url;
    box.appendChild(text("b", "")).appendChild(link);
    box.appendChild(text("div", shop.word + " · " + shop.place));
    (shop.returns || []).forEach(function (words) { box.appendChild(text("div", words, "atlas__returns")); });
    box.appendChild(text("small", stars(shop)));
    box.appendChild(ways(shop.url));
    return box;
  }

  // On to a map app; the phone's own only where there is one.
  var APPS = ["amap", "baidu", "tencent"].concat(/Android|HarmonyOS|iPhone|iPad|Macintosh/.test(navigator.userAgent) ? ["phone"] : []);
  function ways(url) {
    var part = text("p", "", "station__ways");
    APPS.forEach(function (app) {
      var link = text("a", say["say" + app.charAt(0).toUpperCase() + app.slice(1)]);
      link.href = url + "/go/" + app;
      link.rel = "nofollow";
      part.appendChild(link);
    });
    return part;
  }

  function row(shop) {
    var item = document.createElement("li"), link = document.createElement("a"), words = document.createElement("span");
    link.href = shop.url;
    words.appendChild(text("b", shop.name));
    words.appendChild(text("small", [shop.place].concat(shop.returns || [], stars(shop)).join(" · ")));
    link.appendChild(words);
    link.appendChild(text("span", shop.word, "atlas__word atlas__word--" + shop.verdict));
    item.appendChild(link);
    return item;
  }

  // Service stations stand in the page already, each with its place: the layer is drawn from the list, so both say the same.
  // A house, where shops are drops or squares: shape and word tell them apart, not colour alone. Those that would cover each
  // other are one house with their number; there are some hundreds at most, so a plain loop gathers them.
  function house(count) {
    var sign = count > 1 ? '<text class="spot__count" x="18" y="26">' + count + "</text>" : '<path class="spot__sign" d="M18 12v14M11 19h14"/>';
    return L.divIcon({
      className: "", iconSize: [36, 40], iconAnchor: [18, 38], popupAnchor: [0, -36],
      html: '<svg class="spot spot--station" viewBox="0 0 36 40" aria-hidden="true"><path fill="currentColor" d="M18 1 35 15v17H23l-5 7-5-7H1V15z"/>' + sign + "</svg>"
    });
  }

  function stationCard(item) {
    var box = text("div", "", "atlas__card"), copy = item.cloneNode(true);
    while (copy.firstChild) { box.appendChild(copy.firstChild); }
    return box;
  }

  function addStations(map) {
    var here = root.querySelector(".atlas__stations"), marks = L.layerGroup().addTo(map), placed = [], drawn = null;
    if (!here) { return; }
    var said = here.querySelector(".atlas__say-stations");
    [].forEach.call(here.querySelectorAll("[data-at]"), function (item) { placed.push([item, L.latLng(item.dataset.at.split(",").map(Number))]); });

    function draw() {
      var groups = [];
      if (drawn === map.getZoom()) { return; }
      drawn = map.getZoom();
      marks.clearLayers();
      placed.forEach(function (pair) {
        var at = map.project(pair[1], drawn), near = drawn < map.getMaxZoom() && groups.filter(function (group) { return group.at.distanceTo(at) < 40; })[0];
        if (near) { near.pairs.push(pair); } else { groups.push({ at: at, pairs: [pair] }); }
      });
      groups.forEach(function (group) {
        var pairs = group.pairs, mark = L.marker(pairs[0][1], { icon: house(pairs.length), keyboard: false, alt: pairs[0][0].dataset.name, zIndexOffset: 500 }).addTo(marks);
        if (pairs.length === 1) { mark.on("click", function () { tell(map, stationCard(pairs[0][0]), pairs[0][1]); }); return; }
        mark.on("click", function () { map.fitBounds(L.latLngBounds(pairs.map(function (pair) { return pair[1]; })), { padding: [48, 48], maxZoom: Math.min(drawn + 3, map.getMaxZoom()) }); });
      });
    }

    function look() { // beside the map: those in view
      var view = map.getBounds(), count = 0;
      placed.forEach(function (pair) {
        pair[0].hidden = !view.contains(pair[1]);
        if (!pair[0].hidden) { count += 1; }
      });
      if (placed.length) { said.textContent = count ? say.sayStations.replace("{n}", count) : say.sayNoStations; }
      draw();
    }
    map.on("moveend", look);
    look();
  }

  // A popup of its own, not the marker's: it moves the map, then the markers are drawn anew and would take theirs along.
  function tell(map, box, at) {
    L.popup({ minWidth: 216, maxWidth: Math.min(288, place.clientWidth - 96), autoPanPaddingTopLeft: [64, 8], offset: [0, -36] }).setLatLng(at).setContent(box).openOn(map);
  }

  // Where the map stands is in the address behind #, so that a switch or a shared link keeps it.
  function standing() {
    var found = /^#(\d{1,2}(?:\.5)?)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(location.hash);
    return found ? { zoom: Number(found[1]), at: [Number(found[2]), Number(found[3])] } : null;
  }

  function keepIn(hash) {
    [].forEach.call(document.querySelectorAll(".filters__quick a, .atlas__layers a"), function (link) { link.hash = hash; });
  }

  var found = false;
  function keepStanding(map) {
    function note() {
      if (found) { return; } // around where somebody stands: no address keeps that
      var at = map.getCenter(), hash = "#" + map.getZoom() + "/" + at.lat.toFixed(5) + "/" + at.lng.toFixed(5);
      if (window.history && history.replaceState) { history.replaceState(null, "", hash); }
      keepIn(hash);
    }
    map.on("moveend", note);
    keepIn(location.hash);
  }

  function start() {
    place.textContent = "";
    place.setAttribute("role", "application");
    place.setAttribute("aria-label", say.sayMap);
    var still = window.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches;
    var map = L.map(place, { attributionControl: Boolean(say.tiles), minZoom: 7, maxZoom: Number(say.deepest), zoomControl: false, zoomSnap: say.tiles ? 1 : 0.5, zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still });
    L.control.zoom({ zoomInTitle: say.sayIn, zoomOutTitle: say.sayOut }).addTo(map);
    map.on("popupopen", function (event) { // Leaflet names its button in English
      var shut = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (shut) { shut.setAttribute("aria-label", say.sayClose); }
    });
    var marks = L.layerGroup().addTo(map), asked = 0, timer = null;
    var kept = standing();
    if (kept) { map.setView(kept.at, kept.zoom); } else { map.setView([38.87, 115.46], 8); }
    if (map.attributionControl) { map.attributionControl.setPrefix(false); }
    var ground = null, outlines = null;
    if (say.tiles) { ground = addTiles(); }

    // Somebody else's tiles may be dead, or refuse the key: then the outlines stand in for them, as if none were set.
    function addTiles() {
      // The provider may ask who shows its tiles (its terms, or a key bound to an address): our host, no page of it.
      var options = { subdomains: say.subdomains || "abc", maxZoom: Number(say.deepest), attribution: say.credit, referrerPolicy: "strict-origin-when-cross-origin" };
      var under = L.tileLayer(say.tiles, options), came = false, failed = 0;
      under.on("tileload", function () { came = true; failed = 0; fill(0); });
      under.on("tileerror", function () {
        failed += 1;
        if (failed < (came ? 12 : 3)) { return; }
        map.removeLayer(under);
        if (say.over) { map.removeLayer(over); }
        fill(1);
        var told = root.querySelector(".atlas__tiles");
        told.textContent = say.sayTiles;
        told.hidden = false;
      });
      under.addTo(map);
      var over = say.over ? L.tileLayer(say.over, options).addTo(map) : null;
      return under;
    }

    function fill(opacity) { if (outlines) { outlines.setStyle({ fillOpacity: opacity }); } }

    // One layer of an answer that is in view: circles or pins on the map, rows in its list. How many there are.
    function draw(all, kind, rows) {
      var view = map.getBounds(), shops = all.shops.filter(function (shop) { return view.contains(shop.at); });
      var cells = all.cells.filter(function (cell) { return view.contains([cell[0], cell[1]]); });
      if (rows) { rows.textContent = ""; rows.hidden = !shops.length; }
      cells.forEach(function (cell) { gather(cell, kind); });
      shops.forEach(function (shop) {
        if (rows) { rows.appendChild(row(shop)); }
        if (kind === "shops" && points && shop.returns) { return; } // drawn as what it also is, once
        // Pins may lie close together: they are for pointers, the list beside the map has the same shops for all.
        L.marker(shop.at, { icon: kind === "points" ? pointPin() : pin(shop), keyboard: false, zIndexOffset: kind === "points" ? 300 : 0 }).on("click", function () { tell(map, card(shop), shop.at); }).addTo(marks);
      });
      return { total: shops.length + cells.reduce(function (sum, cell) { return sum + cell[2]; }, 0), gathered: cells.length > 0 };
    }

    function gather(cell, kind) {
      // Two layers' circles of one cell would cover each other: the second stands beside the first.
      var icon = gathered(cell[2], kind), words = (kind === "points" ? say.sayPoints : say.sayTotal).replace("{n}", cell[2]);
      if (kind === "points" && list) { icon.options.iconAnchor = [-4, icon.options.iconSize[1]]; }
      var mark = L.marker([cell[0], cell[1]], { icon: icon, zIndexOffset: kind === "points" ? 300 : 0 });
      mark.on("keydown", function (event) { // Leaflet calls it a button; on Enter it would only open a popup of the marker's own
        var key = event.originalEvent.keyCode;
        if (key !== 13 && key !== 32) { return; }
        L.DomEvent.stop(event.originalEvent);
        mark.fire("click");
      });
      mark.on("click", function () {
        var box = cell[3], flat = box[0] === box[2] && box[1] === box[3];
        if (flat) { map.setView([cell[0], cell[1]], Math.min(map.getZoom() + 3, map.getMaxZoom())); }
        else { map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: [40, 40], maxZoom: 18 }); }
      });
      mark.addTo(marks);
      size(mark);
      name(mark, words);
    }

    function show(all) {
      // Whoever moves from circle to circle by keyboard keeps the focus on the map when they are drawn anew.
      var held = place.contains(document.activeElement) && document.activeElement !== place && !document.activeElement.closest(".leaflet-control, .leaflet-popup, .atlas__here");
      marks.clearLayers();
      if (list) {
        var drawn = draw(all, "shops", list);
        line.hidden = false;
        line.textContent = drawn.total ? say.sayTotal.replace("{n}", drawn.total) : say.sayNone;
        if (drawn.gathered) { line.textContent += "。" + say.sayMany; }
      } else { line.hidden = true; }
      if (points && all.points) {
        var back = draw(all.points, "points", pointList), said = points.querySelector(".atlas__say-points"), by = points.querySelector(".atlas__by");
        said.textContent = back.total ? say.sayPoints.replace("{n}", back.total) : say.sayNoPoints;
        if (by) { by.hidden = !pointList.hidden; }
      }
      if (held) { place.focus({ preventScroll: true }); }
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
      var zoom = Math.floor(map.getZoom()), side = 180 / Math.pow(2, zoom), out = [Math.floor, Math.floor, Math.ceil, Math.ceil];
      var view = [Math.max(box.getSouth(), -84), box.getWest(), Math.min(box.getNorth(), 84), box.getEast()].map(function (part, at) { return (out[at](part / side) * side).toFixed(5); }).join(",");
      fetch(say.cells + (say.cells.indexOf("?") < 0 ? "?" : "&") + "zoom=" + zoom + "&box=" + view)
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
        style: { color: look.getPropertyValue("--line-2").trim(), weight: 1, fillColor: look.getPropertyValue("--card").trim(), fillOpacity: 1 },
        onEachFeature: function (feature, one) {
          if (feature.properties.code === say.district) { chosen = one; }
          one.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "district", opacity: 1, pane: "shadowPane" });
        }
      }).addTo(map);
      outlines = layer;
      if (ground && map.hasLayer(ground) && !ground.isLoading()) { fill(0); }
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
          keepIn("");
          var at = DATUMS.shown(say.datum, Number(got.coords.latitude.toFixed(3)), Number(got.coords.longitude.toFixed(3)));
          map.setView(at, 16);
        }, function () { line.hidden = false; line.textContent = say.sayDenied; }, { enableHighAccuracy: true, timeout: 10000 });
      });
      place.appendChild(here);
      L.DomEvent.disableClickPropagation(here);
    }
  }

  script(say.leaflet).then(function () { return script(say.datums); }).then(start).catch(function () { place.hidden = true; /* the districts remain */ });
})();
