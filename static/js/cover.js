// Boxes drawn over a licence's picture: what a finger or the mouse drags over is covered, or opened when the drag began on a
// covered cell. Tapping single cells works without this script. Drawing has a switch, so that a page can still be scrolled.
(function (root) {
  "use strict";
  var field = document.querySelector("[data-cover]"), tools = document.querySelector(".cover__tools");
  if (!field || !tools) { return; }
  var columns = Number(field.getAttribute("data-columns"));
  var boxes = Array.prototype.slice.call(field.querySelectorAll("input[type=checkbox]"));
  var rows = boxes.length / columns, grid = field.querySelector(".cover__grid");
  var button = tools.querySelector("[data-cover-draw]");
  var drawing = false, start = null, before = null, moved = false, touched = 0;
  tools.hidden = false;

  function cellAt(x, y) {
    var place = grid.getBoundingClientRect();
    var column = Math.floor((x - place.left) / place.width * columns), row = Math.floor((y - place.top) / place.height * rows);
    return { column: Math.max(0, Math.min(columns - 1, column)), row: Math.max(0, Math.min(rows - 1, row)) };
  }

  function index(cell) { return cell.row * columns + cell.column; }

  function begin(x, y) {
    start = cellAt(x, y);
    moved = false;
    before = boxes.map(function (box) { return box.checked; });
  }

  function reach(x, y) {
    var end = cellAt(x, y), covers = !before[index(start)];
    if (!moved && index(end) === index(start)) { return; } // still a tap
    moved = true;
    var top = Math.min(start.row, end.row), bottom = Math.max(start.row, end.row);
    var left = Math.min(start.column, end.column), right = Math.max(start.column, end.column);
    boxes.forEach(function (box, number) {
      var row = Math.floor(number / columns), column = number % columns;
      var within = row >= top && row <= bottom && column >= left && column <= right;
      box.checked = within ? covers : before[number];
    });
  }

  function end() { start = null; }

  button.addEventListener("click", function () {
    drawing = !drawing;
    button.setAttribute("aria-pressed", String(drawing));
    button.querySelector("[data-off]").hidden = drawing;
    button.querySelector("[data-on]").hidden = !drawing;
    field.classList.toggle("cover--drawing", drawing);
  });

  grid.addEventListener("touchstart", function (event) {
    touched = Date.now();
    if (drawing && event.touches.length === 1) { begin(event.touches[0].clientX, event.touches[0].clientY); }
  });
  grid.addEventListener("touchmove", function (event) {
    if (!start) { return; }
    event.preventDefault(); // the page stays where it is while a box is drawn
    reach(event.touches[0].clientX, event.touches[0].clientY);
  }, { passive: false });
  function lifted() { end(); if (moved) { root.setTimeout(function () { moved = false; }, 400); } } // past a click that may follow
  grid.addEventListener("touchend", lifted);
  grid.addEventListener("touchcancel", lifted);
  // A mouse scrolls by its wheel, so it draws at any time.
  grid.addEventListener("mousedown", function (event) {
    if (event.button === 0 && Date.now() - touched > 1000) { begin(event.clientX, event.clientY); }
  });
  root.addEventListener("mousemove", function (event) {
    if (start && event.buttons === 1) { reach(event.clientX, event.clientY); }
  });
  root.addEventListener("mouseup", end);
  // A click that ends a drag must not turn the cell that it ended on.
  grid.addEventListener("click", function (event) {
    if (moved) { event.preventDefault(); moved = false; }
  }, true);
})(window);
