// Reading a symbol from a picture or a camera: the browser's own reader where it has one, else jsQR, loaded when first needed.
(function (root) {
  "use strict";
  var LONGEST_SIDE = 1600, FRAME_SIDE = 800, PIXELS_MAX = 40000000;

  function make(jsqrAddress) {
    var detector = null, loading = null;

    function begin() {
      if (loading) { return loading; }
      loading = (root.BarcodeDetector ? root.BarcodeDetector.getSupportedFormats() : Promise.resolve([])).then(function (formats) {
        if (formats.indexOf("qr_code") >= 0) { detector = new root.BarcodeDetector({ formats: ["qr_code"] }); }
      }, function () { /* it says that it is there and is not: jsQR reads too */ }).then(loadJsqr);
      loading.catch(function () { loading = null; });
      return loading;
    }

    function loadJsqr() {
      if (root.jsQR) { return Promise.resolve(); }
      return new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = jsqrAddress;
        script.onload = function () { resolve(); };
        script.onerror = function () { reject(new Error("jsQR did not load")); };
        document.head.appendChild(script);
      });
    }

    // The source's part (x, y, width, height) drawn so that its longer side has at most `side` pixels.
    function pixels(source, part, side) {
      var scale = Math.min(1, side / Math.max(part.width, part.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(part.width * scale));
      canvas.height = Math.max(1, Math.round(part.height * scale));
      var pen = canvas.getContext("2d", { willReadFrequently: true });
      pen.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
      return pen.getImageData(0, 0, canvas.width, canvas.height);
    }

    function byJsqr(source, part, side, attempts) {
      var data = pixels(source, part, side);
      var found = root.jsQR(data.data, data.width, data.height, { inversionAttempts: attempts });
      return found ? found.data : "";
    }

    function byBrowser(source) {
      if (!detector) { return Promise.resolve(""); }
      return detector.detect(source).then(function (found) { return found.length ? found[0].rawValue : ""; }, function () { return ""; });
    }

    // Resolves with the text in the file's picture, "" when there is none. Rejects when it is no picture.
    function readFile(file) {
      return Promise.all([open(file), begin()]).then(function (both) {
        var image = both[0], whole = { x: 0, y: 0, width: image.naturalWidth, height: image.naturalHeight };
        if (!whole.width || whole.width * whole.height > PIXELS_MAX) { throw new Error("not a usable picture"); }
        return byBrowser(image).then(function (text) {
          var sides = [LONGEST_SIDE, FRAME_SIDE, FRAME_SIDE / 2, 2 * LONGEST_SIDE];
          for (var i = 0; i < sides.length && !text; i++) { text = byJsqr(image, whole, sides[i], "attemptBoth"); }
          root.URL.revokeObjectURL(image.src);
          return text;
        });
      });
    }

    function open(file) {
      return new Promise(function (resolve, reject) {
        var image = new Image();
        image.onload = function () { resolve(image); };
        image.onerror = function () { reject(new Error("not a picture")); };
        image.src = root.URL.createObjectURL(file);
      });
    }

    // Looks through the camera until a symbol is read; returns {stop}. `found` is called once, `failed` when there is no camera.
    function watch(video, found, failed) {
      var stream = null, stopped = false, turn = 0;

      function stop() {
        stopped = true;
        if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
        video.srcObject = null;
      }

      function look() {
        if (stopped) { return; }
        if (!video.videoWidth) { root.setTimeout(look, 100); return; }
        byBrowser(video).then(function (text) {
          if (stopped) { return; }
          var width = video.videoWidth, height = video.videoHeight, square = Math.min(width, height);
          // In turn the whole frame, and its middle in full sharpness.
          var part = turn++ % 2 ? { x: (width - square) / 2, y: (height - square) / 2, width: square, height: square } :
            { x: 0, y: 0, width: width, height: height };
          text = text || byJsqr(video, part, FRAME_SIDE, "dontInvert");
          if (text) {
            stop();
            found(text);
          } else {
            root.setTimeout(look, 120);
          }
        });
      }

      var wish = { audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } };
      Promise.all([root.navigator.mediaDevices.getUserMedia(wish), begin()]).then(function (both) {
        stream = both[0];
        if (stopped) { stop(); return; }
        video.srcObject = stream;
        return video.play().then(look);
      }).catch(function (error) {
        stop();
        failed(error);
      });
      return { stop: stop };
    }

    var hasCamera = Boolean(root.navigator.mediaDevices && root.navigator.mediaDevices.getUserMedia);
    return { readFile: readFile, watch: watch, hasCamera: hasCamera };
  }

  root.YdymEyes = { make: make };
})(self);
