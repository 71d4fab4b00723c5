/* "Near me": after a tap the phone is asked where it is; the place, rounded to about a hundred metres, is posted with the
   filters. It is in no address and nothing keeps it. Without this file the form stays hidden. Written for old WebViews (ES5). */
(function () {
  "use strict";
  var form = document.querySelector("form[data-near]");
  if (!form) { return; }
  var say = form.querySelector(".near__say"), button = form.querySelector("button"), busy = false;
  form.hidden = false;

  function tell(name) {
    busy = false;
    button.removeAttribute("aria-disabled");
    say.textContent = form.getAttribute("data-say-" + name);
  }

  function found(position) {
    form.elements.latitude.value = position.coords.latitude.toFixed(3);
    form.elements.longitude.value = position.coords.longitude.toFixed(3);
    form.submit();
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (busy) { return; }
    if (window.isSecureContext === false) { tell("insecure"); return; }
    if (!navigator.geolocation) { tell("failed"); return; }
    busy = true;
    button.setAttribute("aria-disabled", "true");
    say.textContent = form.getAttribute("data-say-wait");
    navigator.geolocation.getCurrentPosition(found, function (error) {
      tell(error.code === 1 ? "denied" : "failed");
    }, { enableHighAccuracy: false, timeout: 12000, maximumAge: 60000 });
  });
  /* Back to this page out of the browser's memory: it may be asked again, and nothing of the place is left in it. */
  window.addEventListener("pageshow", function () {
    form.elements.latitude.value = form.elements.longitude.value = "";
    busy = false;
    button.removeAttribute("aria-disabled");
    say.textContent = "";
  });
}());
