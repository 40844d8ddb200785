// Keeps what is being written as a draft on the server: after a pause, when the field is left, and when the page is.
// Comfort only: the Save draft button does the same, and so does every message that is refused.
(function () {
  "use strict";
  var PAUSE = 1500;
  var AGAIN = 10000;
  var timer = 0;
  var kept = null;
  var leaving = false;
  var renewed = false;

  function form() {
    return document.querySelector("form[data-keep]");
  }

  function written(box) {
    var chosen = box.querySelectorAll("input[name=kind]:checked, input[name^=ground-]:checked");
    return box.elements.text.value + Array.from(chosen, (each) => "\n" + each.id).join("");
  }

  function say(words) {
    var line = document.getElementById("composer-saved");
    if (line && line.textContent !== words) line.textContent = words;
  }

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(keep, ms);
  }

  function body(box, act) {
    var data = new FormData(box);
    Array.from(data.entries()).forEach(function (pair) {
      if (pair[1] instanceof File) data.delete(pair[0]);
    });
    data.set("act", act);
    return data;
  }

  function keep(act) {
    var box = form();
    clearTimeout(timer);
    if (!box || leaving) return;
    var now = written(box);
    if (now === kept && act !== "keep") return;
    fetch(box.getAttribute("action"), {
      method: "POST",
      body: body(box, act === "keep" ? act : "auto"),
      keepalive: true,
      redirect: "manual", // to the page to sign in on: then nothing was kept
      headers: { Accept: "application/json" },
    })
      .then(function (response) {
        if (response.type === "opaqueredirect") return unsaved(box.dataset.signedOut, AGAIN);
        if (response.status === 403) return renew(box);
        return response.json().then(function (said) {
          renewed = false;
          if (response.ok) kept = now;
          if (said.kept_at && response.ok) box.elements.kept_at.value = said.kept_at;
          if (said.words) say(said.words);
          offer(said.other);
        });
      })
      .catch(function () {
        unsaved(box.dataset.notKept, AGAIN);
      });
  }

  function unsaved(words, again) {
    if (leaving) return;
    say(words);
    later(again);
  }

  // After signing in again in another tab the form's proof is an old one: a page of now has the new one.
  function renew(box) {
    if (renewed) return unsaved(box.dataset.signedOut, AGAIN);
    renewed = true;
    return fetch(box.getAttribute("action"), { redirect: "error", headers: { Purpose: "prefetch" } })
      .then((response) => response.text())
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#composer [name=csrfmiddlewaretoken]");
        if (!fresh) throw new Error("signed out");
        box.elements.csrfmiddlewaretoken.value = fresh.value;
        keep();
      })
      .catch(function () {
        unsaved(box.dataset.signedOut, AGAIN);
      });
  }

  // Another tab kept other words: they are offered, and neither is lost unasked.
  function offer(other) {
    var notice = document.getElementById("composer-other");
    if (!notice || !other === notice.hidden) return;
    notice.hidden = !other;
    if (!other) return;
    notice.querySelector("[data-when]").textContent = other.words;
    notice.dataset.text = other.text;
    notice.dataset.keptAt = other.kept_at;
  }

  document.addEventListener("click", function (event) {
    var pressed = event.target.closest("[data-use], [data-keep-this]");
    var box = form();
    if (!pressed || !box) return;
    var notice = document.getElementById("composer-other");
    var field = box.elements.text;
    if (pressed.hasAttribute("data-use")) {
      field.value = notice.dataset.text;
      box.elements.kept_at.value = notice.dataset.keptAt;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    notice.hidden = true;
    field.focus();
    keep("keep");
  });

  document.addEventListener("input", function (event) {
    if (event.target.closest("form[data-keep]")) later(PAUSE);
  });
  document.addEventListener("focusout", function (event) {
    if (event.target.closest("form[data-keep]")) keep();
  });
  document.addEventListener("visibilitychange", function () {
    keep();
  });
  window.addEventListener("online", function () {
    keep();
  });
  window.addEventListener("pagehide", function () {
    keep();
  });
  window.addEventListener("pageshow", function () {
    leaving = false;
  });
  document.addEventListener("submit", function (event) {
    var box = event.target.closest("form[data-keep]");
    if (!box) return;
    if (!navigator.onLine) {
      event.preventDefault();
      return say(box.dataset.notKept);
    }
    leaving = true;
    clearTimeout(timer);
  });
  // A box that came with the claim's news starts from what is in it.
  document.addEventListener("htmx:afterSwap", function () {
    var box = form();
    if (box && !box.dataset.known) start(box);
  });

  function start(box) {
    box.dataset.known = "yes";
    kept = written(box);
  }
  if (form()) start(form());
})();
