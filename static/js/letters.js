// Compares a file with the fingerprint of the document as issued, in this browser: nothing is sent. Where the browser
// cannot (no WebCrypto, no secure address), the form goes to the server, which does the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-compare]");
  var subtle = window.crypto && window.crypto.subtle;
  if (!form || !subtle || !window.FileReader || !window.isSecureContext) { return; }
  var local = document.querySelector("[data-local]");
  var same = document.querySelector("[data-same]");
  var different = document.querySelector("[data-different]");
  var native = false;
  if (local) { local.hidden = false; }

  function hex(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
  }

  function show(alike) {
    same.hidden = !alike;
    different.hidden = alike;
  }

  function read(file) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () { resolve(reader.result); };
      reader.onerror = function () { reject(reader.error); };
      reader.readAsArrayBuffer(file);
    });
  }

  form.addEventListener("change", function () { same.hidden = different.hidden = true; });
  form.addEventListener("submit", function (event) {
    var input = form.querySelector("input[type=file]");
    var file = input && input.files && input.files[0];
    if (native || !file) { return; }
    event.preventDefault();
    if (file.size > Number(form.getAttribute("data-most"))) { show(false); return; }
    read(file).then(function (data) {
      return subtle.digest("SHA-256", data);
    }).then(function (digest) {
      show(hex(digest) === form.getAttribute("data-sha256"));
    }).catch(function () {
      native = true; // the file cannot be read here: let the server try
      form.submit();
    });
  });
})();
