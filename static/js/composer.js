// Keeps what is being written to the SAFE-T team, and shows what other tabs wrote: neither is lost unasked.
(function () {
  "use strict";
  var keeper = window.keeping({
    mark: "[data-keep]",
    form: form,
    written: function (box) {
      var chosen = box.querySelectorAll("input[name=kind]:checked, input[name^=ground-]:checked");
      return box.elements.text.value + Array.from(chosen, (each) => "\n" + each.id).join("");
    },
    post: function (data, act) {
      data.set("act", act || "auto");
    },
    say: say,
    answered: function (said, ok, box) {
      if (ok && said.kept_at) box.elements.kept_at.value = said.kept_at;
      if (said.text !== undefined) use(box, said.text);
      if (said.words) say(said.words);
      offer(said.other);
      if (ok) setAside(said.aside);
    },
  });

  function form() {
    return document.querySelector("form[data-keep]");
  }

  function say(words) {
    var line = document.getElementById("composer-saved");
    if (line && line.textContent !== words) line.textContent = words;
  }

  function use(box, text) {
    var field = box.elements.text;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    keeper.start();
  }

  function offer(other) {
    var notice = document.getElementById("composer-other");
    if (!notice || !other === notice.hidden) return;
    notice.hidden = !other;
    if (other) notice.querySelector("[data-when]").textContent = other.words;
  }

  function setAside(words) {
    var line = document.getElementById("composer-aside");
    line.hidden = !words;
    line.querySelector("span").textContent = words || "";
  }

  // The same as these buttons do by themselves, without leaving the page.
  document.addEventListener("click", function (event) {
    var pressed = event.target.closest("#composer-other button, #composer-aside button");
    var box = form();
    if (!pressed || !box) return;
    event.preventDefault();
    box.elements.text.focus();
    keeper.keep(pressed.value);
  });

  // A box that came with the claim's news starts from what is in it.
  document.addEventListener("htmx:afterSwap", start);

  function start() {
    var box = form();
    if (!box || box.dataset.known) return;
    box.dataset.known = "yes";
    keeper.start();
    var field = box.elements.text;
    if (field.value === field.defaultValue) return;
    box.elements.kept_at.value = ""; // the browser put back what stood here once: no newer words give way to it unasked
    keeper.keep("auto");
  }
  start();
})();
