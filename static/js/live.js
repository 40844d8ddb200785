// While a claim's page is open and looked at, asks every few seconds what is new. What comes is put below; the reader's
// place on the screen, their focus and what they are writing stay as they are. Comfort only: reloading shows the same.
(function () {
  "use strict";
  var EVERY = 4000;
  var MOST = 40; // files asked for at once

  function ask() {
    var live = document.getElementById("live");
    if (live && document.visibilityState === "visible") htmx.trigger(live, "ask");
  }

  // What must not move: the field one is in, else the first thing of the thread or the box that can be seen.
  function anchor() {
    var active = document.activeElement;
    var seen = (each) => each.getBoundingClientRect().bottom > 0 && each.getBoundingClientRect().top < innerHeight;
    if (active && active !== document.body && active.id !== "main" && seen(active) && active.closest("#composer-box, #thread")) {
      return active.closest(".file[data-waits]") ? active.closest("#thread > li, #composer-box") : active; // a waiting file may be replaced
    }
    return Array.from(document.querySelectorAll("#thread > li, #composer-box")).find(seen);
  }

  var held = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    if (event.detail.requestConfig.elt.id === "live") {
      if (status === 304) event.detail.shouldSwap = false;
      if (status === 401 || status === 404) stop(status);
      if (status !== 200) return;
    }
    var thing = anchor();
    var focus = document.activeElement;
    held = {
      thing: thing,
      top: thing ? thing.getBoundingClientRect().top : 0,
      head: focus && focus.closest("#claim-head, #older, #claim-files, .file[id]") ? focus.closest("[id]").id : "",
      href: focus && focus.getAttribute("href"),
    };
  });

  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    if (event.detail.target.id === "composer-box" && !isUntouched()) {
      event.detail.shouldSwap = false;
      var note = document.getElementById("composer-old");
      if (note) note.hidden = false;
    }
  });

  document.addEventListener("htmx:afterSwap", function () {
    if (!held) return;
    if (held.thing && held.thing.isConnected) {
      scrollBy({ top: held.thing.getBoundingClientRect().top - held.top, behavior: "instant" });
    }
    if (held.head) {
      var place = document.getElementById(held.head);
      var again = place && (place.querySelector('[href="' + held.href + '"]') || place.querySelector("a, button"));
      if (again && !place.contains(document.activeElement)) again.focus({ preventScroll: true });
    }
    held = null;
  });

  // A box may be replaced where nobody has begun to write in it.
  function isUntouched() {
    var box = document.querySelector("#composer-box form");
    return !box || (!box.elements.text.value && !box.querySelector("input:checked, .draft-file") && !box.contains(document.activeElement));
  }

  function stop(status) {
    document.getElementById("live").remove();
    var box = document.querySelector("form[data-keep]");
    var line = document.getElementById("composer-saved");
    if (status === 401 && box && line) line.textContent = box.dataset.signedOut;
  }

  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.elt.id !== "live") return;
    event.detail.parameters.seen = document.hasFocus() ? "1" : "0";
    var waiting = Array.from(document.querySelectorAll(".file[id][data-waits]"), (each) => each.id + "." + each.dataset.waits);
    var first = document.querySelector("#thread > li[id^=e]");
    if (first) event.detail.parameters.first = first.id.slice(1);
    if (waiting.length) event.detail.parameters.files = waiting.slice(-MOST).join(" ");
  });
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("focus", ask);
})();
