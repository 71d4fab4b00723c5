// Reads the verdict aloud: its sentence, who says so and the reasons, each part in its own language. The button is
// there only where the browser can speak. Pressed again, it stops.
(function () {
  "use strict";
  var voice = window.speechSynthesis, button = document.querySelector("[data-read-aloud]");
  if (!voice || !window.SpeechSynthesisUtterance || !button) { return; }
  var LANGUAGES = { "zh": "zh-CN", "zh-CN": "zh-CN", "zh-Hant": "zh-TW", "en": "en-GB" };
  var label = button.querySelector("span"), idle = label.textContent, left = 0;

  // Texts of `node` with the language that each stands in; neighbours of one language are one.
  function parts(node, found) {
    for (var child = node.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 1 && child.getAttribute("aria-hidden") !== "true" && child !== button) { parts(child, found); }
      if (child.nodeType !== 3 || !child.nodeValue.trim()) { continue; }
      var holder = child.parentNode;
      while (holder.getAttribute && !holder.getAttribute("lang")) { holder = holder.parentNode; }
      var language = LANGUAGES[holder.getAttribute("lang")] || "zh-CN", last = found[found.length - 1];
      if (last && last.language === language) { last.text += " " + child.nodeValue.trim(); }
      else { found.push({ language: language, text: child.nodeValue.trim() }); }
    }
    return found;
  }

  function quiet() {
    left = 0;
    label.textContent = idle;
    button.setAttribute("aria-pressed", "false");
  }

  function end() {
    left -= 1;
    if (left <= 0) { quiet(); }
  }

  button.hidden = false;
  button.addEventListener("click", function () {
    var speaking = left > 0;
    voice.cancel();
    if (speaking) { quiet(); return; }
    var found = [];
    [].forEach.call(document.querySelectorAll("[data-read]"), function (node) { parts(node, found); });
    left = found.length;
    label.textContent = button.getAttribute("data-stop");
    button.setAttribute("aria-pressed", "true");
    found.forEach(function (part) {
      var said = new window.SpeechSynthesisUtterance(part.text);
      said.lang = part.language;
      said.onend = said.onerror = end;
      voice.speak(said);
    });
  });
  window.addEventListener("pagehide", function () { voice.cancel(); });
})();
