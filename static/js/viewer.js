// Zoom, rotate and drag a licence image in its place. Keys on the focused image: + − 0 R and the arrows.
(function () {
  "use strict";
  var LEAST = 1;
  var MOST = 6;

  function start(figure) {
    var stage = figure.querySelector(".viewer__stage");
    var link = figure.querySelector(".viewer__link");
    var image = figure.querySelector(".viewer__image");
    var scaleText = figure.querySelector(".viewer__scale");
    var scale, turn, x, y, drag = null, moved = false;

    function draw() {
      var limitX = stage.clientWidth * (scale - 1) / 2 + stage.clientWidth / 4;
      var limitY = stage.clientHeight * (scale - 1) / 2 + stage.clientHeight / 4;
      if (scale === LEAST) { limitX = 0; limitY = 0; }
      x = Math.max(-limitX, Math.min(limitX, x));
      y = Math.max(-limitY, Math.min(limitY, y));
      // A quarter turn swaps the sides: shrink so that the whole image is still seen.
      var sides = [stage.clientWidth, stage.clientHeight];
      var fit = turn % 180 ? Math.min(sides[0], sides[1]) / Math.max(sides[0], sides[1]) : 1;
      image.style.transform = "translate(" + x + "px," + y + "px) rotate(" + turn + "deg) scale(" + scale * fit + ")";
      scaleText.textContent = Math.round(scale * 100) + "%";
      stage.classList.toggle("viewer__stage--on", scale > LEAST);
    }

    function reset() { scale = 1; turn = 0; x = 0; y = 0; draw(); }

    // Zooms about a point of the stage (in pixels from its centre), so that what one points at stays there.
    function zoom(factor, px, py) {
      var next = Math.max(LEAST, Math.min(MOST, scale * factor));
      var ratio = next / scale;
      x = (px || 0) - ((px || 0) - x) * ratio;
      y = (py || 0) - ((py || 0) - y) * ratio;
      scale = next;
      draw();
    }

    var acts = {
      "in": function () { zoom(1.4); },
      out: function () { zoom(1 / 1.4); },
      turn: function () { turn = (turn + 90) % 360; x = 0; y = 0; draw(); },
      reset: reset
    };
    figure.querySelector(".viewer__tools").hidden = false;
    figure.addEventListener("click", function (event) {
      var button = event.target.closest("[data-do]");
      if (button) { acts[button.dataset.do](); return; }
      if (event.target.closest(".viewer__link") && (moved || scale > LEAST)) { event.preventDefault(); }
    });

    var keys = { "+": "in", "=": "in", "-": "out", "0": "reset", r: "turn", R: "turn" };
    var arrows = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    link.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) { return; }
      if (keys[event.key]) { acts[keys[event.key]](); event.preventDefault(); event.stopPropagation(); return; }
      var step = arrows[event.key];
      if (step && scale > LEAST) { x += step[0]; y += step[1]; draw(); event.preventDefault(); }
    });

    stage.addEventListener("wheel", function (event) {
      // A plain wheel scrolls the page; with Ctrl (or a pinch) it zooms.
      if (!event.ctrlKey) { return; }
      event.preventDefault();
      var box = stage.getBoundingClientRect();
      zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
    }, { passive: false });
    stage.addEventListener("dblclick", function (event) {
      var box = stage.getBoundingClientRect();
      if (scale > LEAST) { reset(); } else { zoom(2.5, event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2); }
    });
    stage.addEventListener("pointerdown", function (event) {
      moved = false;
      if (scale === LEAST) { return; }
      drag = [event.clientX - x, event.clientY - y];
      stage.setPointerCapture(event.pointerId);
      stage.classList.add("viewer__stage--drag");
    });
    stage.addEventListener("pointermove", function (event) {
      if (!drag) { return; }
      moved = true;
      x = event.clientX - drag[0];
      y = event.clientY - drag[1];
      draw();
    });
    ["pointerup", "pointercancel"].forEach(function (kind) {
      stage.addEventListener(kind, function () { drag = null; stage.classList.remove("viewer__stage--drag"); });
    });
    window.addEventListener("resize", draw);
    reset();
  }

  [].forEach.call(document.querySelectorAll("[data-viewer]"), start);
})();
