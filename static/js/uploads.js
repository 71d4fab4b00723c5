// Photos of a form are sent while it is filled in, piece by piece (tus protocol), with progress; after a lost connection they
// go on where they stopped. A finished photo stands in the form as its signed word. Without this script, or where it fails,
// the photos go with the form as ever.
(function () {
  "use strict";
  var PIECE = 256 * 1024;
  var PAUSES = [0, 1000, 3000, 5000, 10000, 20000, 30000];

  var RELOAD = 3000;

  // The server keeps no longer side than this: what it would throw away need not go over a slow line. Only where the browser
  // turns a picture by its own orientation, which the smaller copy no longer carries.
  var SIDE = 2560;
  var SMALL = 400 * 1024;
  var turns = window.CSS && window.CSS.supports && window.CSS.supports("image-orientation", "from-image");

  function shrink(file, done) {
    if (!turns || file.type !== "image/jpeg" || file.size <= SMALL || !window.HTMLCanvasElement.prototype.toBlob) { done(file); return; }
    var url = URL.createObjectURL(file);
    var picture = new Image();
    picture.onload = function () {
      URL.revokeObjectURL(url);
      try {
        var scale = Math.min(1, SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
        var canvas = document.createElement("canvas");
        canvas.width = Math.round(picture.naturalWidth * scale);
        canvas.height = Math.round(picture.naturalHeight * scale);
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) {
          var smaller = blob && blob.size < file.size * 0.9;
          done(smaller ? new File([blob], file.name, { type: blob.type, lastModified: file.lastModified }) : file);
        }, "image/jpeg", 0.85);
      } catch (e) { done(file); }
    };
    picture.onerror = function () { URL.revokeObjectURL(url); done(file); };
    picture.src = url;
  }

  // The sender itself may meet the lost connection: it is fetched again until it comes; `lost` tells that it waits.
  function load(url, done, lost) {
    if (window.tus) { done(); return; }
    var script = document.createElement("script");
    script.src = url;
    script.onload = done;
    script.onerror = function () {
      script.parentNode.removeChild(script);
      lost();
      setTimeout(function () { load(url, done, lost); }, RELOAD);
    };
    document.head.appendChild(script);
  }

  function empty(input) {
    try { input.files = new DataTransfer().files; return true; } catch (e) { return false; }
  }

  function start(box) {
    var input = box.querySelector("input[type=file]");
    var form = input.form;
    var words = box.dataset;
    var running = [];
    var waiting = null; // the button that sends the form once all photos are in
    var list = document.createElement("ul");
    var note = document.createElement("p");
    list.className = "uploads";
    note.className = "field__hint";
    note.setAttribute("role", "status");
    box.appendChild(list);
    box.appendChild(note);

    function say(text, values) {
      return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
    }

    function kept() { return form.querySelectorAll("input[name='" + input.name + "_kept']").length; }

    function open() { return running.filter(function (one) { return !one.done && !one.failed; }); }

    function tell() {
      var left = open().length;
      note.textContent = waiting && left ? say(words.msgWait, { left: left }) : "";
      if (waiting && !left && !running.some(function (one) { return one.failed; })) {
        var button = waiting;
        waiting = null;
        if (form.requestSubmit) { form.requestSubmit(button); } else { button.click(); }
      }
    }

    function row(file) {
      var item = document.createElement("li");
      var picture = document.createElement("img");
      var text = document.createElement("span");
      var bar = document.createElement("progress");
      var drop = document.createElement("button");
      picture.alt = file.name;
      picture.src = URL.createObjectURL(file);
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      text.className = "uploads__text";
      drop.type = "button";
      drop.className = "file__drop";
      drop.textContent = "×";
      drop.setAttribute("aria-label", say(words.msgRemove, { name: file.name }));
      item.appendChild(picture);
      item.appendChild(bar);
      item.appendChild(text);
      item.appendChild(drop);
      list.appendChild(item);
      return { item: item, bar: bar, text: text, drop: drop, picture: picture };
    }

    function send(file) {
      var view = row(file);
      var one = { done: false, failed: false, upload: null };
      running.push(one);
      function leave() {
        running = running.filter(function (other) { return other !== one; });
        URL.revokeObjectURL(view.picture.src);
        view.item.parentNode.removeChild(view.item);
        tell();
      }
      view.drop.addEventListener("click", function () {
        if (one.upload && !one.done) { one.upload.abort(); }
        leave();
        input.focus();
      });
      load(words.tus, function () {
        shrink(file, transfer);
      }, function () { view.text.textContent = words.msgLost; });

      function transfer(ready) {
        if (running.indexOf(one) < 0) { return; } // taken away meanwhile
        one.upload = new window.tus.Upload(ready, {
          endpoint: words.resumable,
          chunkSize: PIECE,
          retryDelays: PAUSES,
          removeFingerprintOnSuccess: true,
          metadata: { filename: file.name, purpose: words.purpose },
          onShouldRetry: function (error) {
            var status = error.originalResponse ? error.originalResponse.getStatus() : 0;
            var refused = status >= 400 && status < 500 && status !== 409 && status !== 423;
            if (!refused) { view.text.textContent = words.msgLost; }
            return !refused;
          },
          onProgress: function (sent, all) {
            view.bar.value = Math.floor(sent / all * 100);
            view.text.textContent = Math.floor(sent / all * 100) + "%";
          },
          onError: function (error) {
            one.failed = true;
            var answer = error.originalResponse;
            var body = answer && answer.getStatus() === 422 ? answer.getBody() : "";
            view.text.textContent = body || words.msgFailed;
            view.item.className = "uploads__bad";
            if (!body) {
              var again = document.createElement("button");
              again.type = "button";
              again.className = "btn btn--secondary btn--small";
              again.textContent = words.msgAgain;
              again.addEventListener("click", function () {
                one.failed = false;
                view.item.className = "";
                view.item.removeChild(again);
                one.upload.start();
              });
              view.item.appendChild(again);
            }
            waiting = null;
            tell();
          },
          onSuccess: function (payload) {
            var word = payload && payload.lastResponse ? payload.lastResponse.getHeader("Upload-Word") : "";
            if (!word) { one.failed = true; view.text.textContent = words.msgFailed; tell(); return; }
            var field = document.createElement("input");
            field.type = "hidden";
            field.name = input.name + "_kept";
            field.value = word;
            view.item.appendChild(field);
            view.bar.value = 100;
            view.text.textContent = words.msgDone;
            one.done = true;
            tell();
          }
        });
        one.upload.findPreviousUploads().then(function (earlier) {
          if (earlier.length) { one.upload.resumeFromPreviousUpload(earlier[0]); }
          one.upload.start();
        });
      }
    }

    input.addEventListener("change", function () {
      var room = (Number(words.maxFiles) || 1) - kept() - open().length;
      var chosen = Array.prototype.slice.call(input.files, 0, Math.max(0, room));
      var many = input.files.length > chosen.length;
      if (!chosen.length && !many) { return; }
      if (!empty(input)) { return; } // an old browser: they go with the form
      [].forEach.call(box.querySelectorAll(".file__list li:not(.file__note)"), function (item) { item.parentNode.removeChild(item); });
      chosen.forEach(send);
      note.textContent = many ? words.msgMany : "";
    });

    form.addEventListener("submit", function (event) {
      if (!open().length) { return; }
      event.preventDefault();
      waiting = event.submitter || form.querySelector("button[type=submit], button:not([type])");
      tell();
    });

    window.addEventListener("online", function () {
      running.forEach(function (one) { if (one.failed && one.upload) { one.failed = false; one.upload.start(); } });
    });
  }

  [].forEach.call(document.querySelectorAll("[data-resumable]"), start);
})();
