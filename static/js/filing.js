// The form of complaints and tips: hides what the chosen wish does not need, and solves a small puzzle while the person types,
// so that a flood of forms costs its sender something. Without it the form works, with fewer forms an hour from one address.
(function () {
  "use strict";
  var form = document.querySelector("form[data-filing]");
  if (!form) { return; }

  function choose() {
    var chosen = form.querySelector("input[name=wish]:checked");
    var wish = chosen ? chosen.value : "complaint";
    [].forEach.call(form.querySelectorAll("[data-only]"), function (part) {
      var shown = part.dataset.only.split(" ").indexOf(wish) >= 0;
      part.hidden = !shown;
      [].forEach.call(part.querySelectorAll("input[required], input[data-required]"), function (field) {
        if (field.required) { field.setAttribute("data-required", ""); }
        field.required = shown && field.hasAttribute("data-required");
      });
    });
  }
  var send = form.querySelector("[data-send]");
  function name() {
    var chosen = form.querySelector("input[name=wish]:checked");
    if (send) { (send.querySelector("span") || send).textContent = chosen && chosen.value === "tip" ? send.dataset.tip : send.dataset.complaint; }
  }
  [].forEach.call(form.querySelectorAll("input[name=wish]"), function (field) { field.addEventListener("change", name); });
  [].forEach.call(form.querySelectorAll("input[name=wish]"), function (field) { field.addEventListener("change", choose); });
  choose();

  // --- the puzzle: find the number whose hash with the salt is the challenge (ALTCHA, SHA-512) ---------------------------
  var field = form.querySelector("input[name=work]");
  var puzzle;
  try { puzzle = JSON.parse(field.dataset.work); } catch (e) { return; }
  var begun = false;

  function hex(bytes) {
    return Array.prototype.map.call(bytes, function (byte) { return (byte + 256).toString(16).slice(1); }).join("");
  }

  function bytes(text) {
    var made = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i += 1) { made[i] = text.charCodeAt(i); }
    return made;
  }

  function finish(number) {
    field.value = window.btoa(JSON.stringify({
      algorithm: puzzle.algorithm, challenge: puzzle.challenge, number: number, salt: puzzle.salt, signature: puzzle.signature
    }));
  }

  function tryFrom(number) {
    var until = Math.min(number + 200, puzzle.maxNumber);
    for (; number <= until; number += 1) {
      if (hex(window.nacl.hash(bytes(puzzle.salt + number))) === puzzle.challenge) { finish(number); return; }
    }
    if (number <= puzzle.maxNumber) { window.setTimeout(function () { tryFrom(number); }, 15); }
  }

  form.addEventListener("focusin", function () {
    if (begun || !puzzle.challenge) { return; }
    begun = true;
    var script = document.createElement("script");
    script.src = field.dataset.nacl;
    script.onload = function () { tryFrom(0); };
    document.head.appendChild(script);
  });
})();
