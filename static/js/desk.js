// Comfort only: every page of the desk works without this file.
(function () {
  "use strict";

  var fix = document.getElementById("to-fix");
  if (fix) fix.focus();

  // Who denies needs a reason: the lists of reasons open by themselves.
  document.addEventListener("change", function (event) {
    if (!event.target.matches("input[name=outcome][value=DENY]")) return;
    document.querySelectorAll("details[data-why]").forEach(function (each) {
      each.open = true;
    });
  });

  var here = document.querySelector("[data-here]");
  var token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!here || !token) return;
  var changed = document.getElementById("changed");
  var version = document.querySelector("input[name=version]");

  function said(extra) {
    var form = new FormData();
    form.append("csrfmiddlewaretoken", token.value);
    if (version) form.append("version", version.value);
    var writes = Array.prototype.some.call(document.querySelectorAll("textarea"), function (box) {
      return box.value !== box.defaultValue;
    });
    if (writes) form.append("writing", "1");
    if (extra) form.append(extra, "1");
    return form;
  }

  // A sign of life now and then: who else is here, and whether the claim is still the one on the page.
  function beat() {
    if (document.hidden) return;
    fetch(here.dataset.here, { method: "POST", body: said(), credentials: "same-origin" })
      .then(function (answer) {
        return answer.ok ? answer.json() : null;
      })
      .then(function (told) {
        if (!told) return;
        if (here.textContent !== told.here) here.textContent = told.here;
        changed.hidden = !told.changed;
        if (changed.textContent !== told.changed) changed.textContent = told.changed;
      })
      .catch(function () {});
  }

  setInterval(beat, Number(here.dataset.beat) * 1000);
  document.addEventListener("visibilitychange", beat);
  window.addEventListener("pagehide", function () {
    navigator.sendBeacon(here.dataset.here, said("left"));
  });
})();
