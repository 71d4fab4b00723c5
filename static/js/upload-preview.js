// Shows the chosen photos at once, and says at once when one is too big, of a wrong kind or one too many.
(function () {
  "use strict";
  function say(words, values) {
    return words.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  function accepted(file, accept) {
    if (!accept) { return true; }
    return accept.split(",").some(function (kind) {
      kind = kind.trim();
      return kind === file.type || (kind.slice(-2) === "/*" && file.type.indexOf(kind.slice(0, -1)) === 0);
    });
  }

  function setFiles(input, files) {
    try {
      var carrier = new DataTransfer();
      files.forEach(function (file) { carrier.items.add(file); });
      input.files = carrier.files;
      return true;
    } catch (e) { return false; }
  }

  function start(box) {
    var input = box.querySelector("input[type=file]");
    var list = box.querySelector(".file__list");
    var words = box.dataset;
    var urls = [];
    box.classList.add("field--live");

    function note(text) {
      var item = document.createElement("li");
      item.className = "file__note";
      item.textContent = text;
      list.appendChild(item);
    }

    function drop(file) {
      var rest = Array.prototype.filter.call(input.files, function (other) { return other !== file; });
      if (setFiles(input, rest)) { draw([]); input.focus(); }
    }

    function show(file) {
      var item = document.createElement("li");
      if (file.type.indexOf("image/") === 0) {
        var picture = document.createElement("img");
        var url = URL.createObjectURL(file);
        urls.push(url);
        picture.src = url;
        picture.alt = file.name;
        item.appendChild(picture);
      } else {
        item.appendChild(document.createTextNode(file.name));
      }
      var button = document.createElement("button");
      button.type = "button";
      button.className = "file__drop";
      button.textContent = "×";
      button.setAttribute("aria-label", say(words.msgRemove, { name: file.name }));
      button.addEventListener("click", function () { drop(file); });
      item.appendChild(button);
      list.appendChild(item);
    }

    function draw(notes) {
      urls.forEach(URL.revokeObjectURL);
      urls = [];
      list.textContent = "";
      Array.prototype.forEach.call(input.files, show);
      notes.forEach(note);
    }

    input.addEventListener("change", function () {
      var notes = [];
      var most = Number(words.maxFiles) || 1;
      var good = Array.prototype.filter.call(input.files, function (file) {
        if (!accepted(file, input.accept)) { notes.push(say(words.msgKind, { name: file.name })); return false; }
        if (file.size > Number(words.maxMb) * 1048576) { notes.push(say(words.msgBig, { name: file.name })); return false; }
        return true;
      });
      if (good.length > most) { notes.push(words.msgMany); good = good.slice(0, most); }
      if (notes.length) { setFiles(input, good); }
      draw(notes);
    });
  }

  [].forEach.call(document.querySelectorAll("[data-upload]"), start);
})();
