// Keeps what is being chosen and written while filing, and counts the characters.
(function () {
  "use strict";
  var form = document.querySelector("form[data-filing]");
  if (!form) return;

  document.addEventListener("input", function (event) {
    var count = document.getElementById(event.target.dataset.count || "-");
    if (count) count.textContent = Array.from(event.target.value.trim()).length.toLocaleString("en-US"); // as the server counts
  });

  if (form.querySelector("[name=accepted]")) return; // nothing is written on the last page
  window.keeping({
    mark: "[data-filing]",
    form: () => form,
    written: function () {
      var data = new FormData(form);
      ["n", "csrfmiddlewaretoken"].forEach((name) => data.delete(name));
      Array.from(data.entries()).forEach(function (pair) {
        if (pair[1] instanceof File) data.delete(pair[0]);
      });
      return Array.from(data.entries(), (pair) => pair.join("=")).join("\n");
    },
    post: function (data) {
      data.set("auto", "1");
    },
    say: say,
    answered: function (said) {
      if (said.words) say(said.words);
    },
  }).start();

  function say(words) {
    document.getElementById("saved").textContent = words;
  }
})();
