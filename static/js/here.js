/* "Am I at this shop?": asks the phone for its position after a tap, puts it into the form and sends it. What came of it
   the server says. Without this script the form still answers, that there is no position. */
(function () {
  "use strict";

  var form = document.querySelector("[data-here]");
  if (!form) { return; }
  var status = form.querySelector("[data-here-status]");
  var busy = false;

  function put(name, value) {
    form.querySelector("input[name=" + name + "]").value = value;
  }

  function found(position) {
    put("latitude", position.coords.latitude);
    put("longitude", position.coords.longitude);
    put("accuracy", position.coords.accuracy);
    form.submit();
  }

  function failed(why) {
    put("why", why);
    form.submit();
  }

  /* Satellites first; indoors they may not be found in time, then whatever the phone knows. */
  function ask(exact) {
    navigator.geolocation.getCurrentPosition(found, function (error) {
      if (error.code === 1) { failed("denied"); return; }
      if (exact) { ask(false); return; }
      failed(error.code === 3 ? "timeout" : "unavailable");
    }, { enableHighAccuracy: exact, timeout: exact ? 12000 : 6000, maximumAge: exact ? 0 : 60000 });
  }

  function tapped(event) {
    event.preventDefault();
    if (busy) { return; }
    busy = true;
    put("keep", event.currentTarget.value);
    event.currentTarget.setAttribute("aria-disabled", "true");
    status.hidden = false;
    status.textContent = form.getAttribute("data-here");
    if (!navigator.geolocation || window.isSecureContext === false) { failed("unsupported"); return; }
    ask(true);
  }

  var buttons = form.querySelectorAll("button[data-here-ask]");
  for (var index = 0; index < buttons.length; index += 1) {
    buttons[index].addEventListener("click", tapped);
  }
  /* Back to this page out of the browser's memory: it may be asked again. */
  window.addEventListener("pageshow", function () {
    busy = false;
    status.hidden = true;
    for (var place = 0; place < buttons.length; place += 1) { buttons[place].removeAttribute("aria-disabled"); }
  });
}());
