/* Shops kept on this device and in the account become one list. It runs on the pages below /me alone, which know who is
   signed in; the account's answer is merged into the device's list by the same rule (the newer entry of a shop counts),
   so the list goes on working where nobody is signed in or nothing can be reached. */
(function () {
  "use strict";
  var script = document.querySelector("script[data-sync]"), kept = window.Favourites;
  if (!script || !kept || !kept.works()) { return; }

  function send() {
    var asked = new XMLHttpRequest();
    asked.open("POST", script.getAttribute("data-sync"));
    asked.setRequestHeader("Content-Type", "application/json");
    asked.setRequestHeader("X-CSRFToken", script.getAttribute("data-token"));
    asked.onload = function () {
      var answer = null, shown = document.querySelector("[data-synced]");
      try { answer = JSON.parse(asked.responseText); } catch (e) { answer = null; }
      if (asked.status !== 200 || !answer || answer.v !== 1) { return; }
      kept.merge(answer);
      if (shown && differs(answer)) { shown.hidden = false; }
      document.documentElement.setAttribute("data-favourites-synced", "");
    };
    asked.send(JSON.stringify(kept.raw()));
  }

  /* Does the first page show another list than the one that counts now? */
  function differs(answer) {
    var rows = document.querySelectorAll("[data-drop]"), there = {}, number;
    if (/[?&]page=/.test(window.location.search)) { return false; }
    Array.prototype.forEach.call(rows, function (row) { there[row.getAttribute("data-drop")] = true; });
    for (number in there) { if (!answer.shops[number] || answer.shops[number].gone) { return true; } }
    for (number in answer.shops) {
      if (!answer.shops[number].gone && !there[number] && rows.length < 20) { return true; }
    }
    return false;
  }

  /* Taken out here: the device's list forgets it too, before the form goes. */
  Array.prototype.forEach.call(document.querySelectorAll("[data-drop]"), function (form) {
    form.addEventListener("submit", function () { kept.remove(form.getAttribute("data-drop")); });
  });
  send();
})();
