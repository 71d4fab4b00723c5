// Checks a unified social credit code (GB 32100-2015) while it is typed. Words come from the page.
(function () {
  "use strict";
  var ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  var WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
  var LENGTH = 18;

  // Full-width digits and letters, blanks and dashes are what people paste; they mean the same.
  function clean(text) {
    return text.replace(/[\uFF01-\uFF5E]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 0xFEE0); })
      .replace(/[\s\u3000\-–—]/g, "").toUpperCase();
  }

  function checkCharacter(code) {
    var sum = 0;
    for (var i = 0; i < WEIGHTS.length; i++) { sum += WEIGHTS[i] * ALPHABET.indexOf(code.charAt(i)); }
    return ALPHABET.charAt((31 - sum % 31) % 31);
  }

  function judge(code, words) {
    if (!code) { return ["", ""]; }
    for (var i = 0; i < code.length; i++) {
      if (ALPHABET.indexOf(code.charAt(i)) < 0) {
        return ["bad", words.usccChar.replace("{n}", i + 1).replace("{c}", code.charAt(i))];
      }
    }
    if (code.length < LENGTH) { return ["", words.usccShort.replace("{n}", LENGTH - code.length)]; }
    if (code.length > LENGTH) { return ["bad", words.usccLong.replace("{n}", code.length - LENGTH)]; }
    return checkCharacter(code) === code.charAt(LENGTH - 1) ? ["ok", words.usccOk] : ["bad", words.usccBad];
  }

  [].forEach.call(document.querySelectorAll("[data-uscc]"), function (input) {
    var line = document.getElementById(input.dataset.uscc);
    function look() {
      var verdict = judge(clean(input.value), input.dataset);
      line.textContent = verdict[1];
      line.className = "field__check" + (verdict[0] ? " field__check--" + verdict[0] : "");
      input.classList.toggle("control--bad", verdict[0] === "bad");
    }
    input.addEventListener("input", look);
    input.addEventListener("change", function () { input.value = clean(input.value); look(); });
    look();
  });
})();
