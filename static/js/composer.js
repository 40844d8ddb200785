// Keeps what is being written as a draft on the server: after a pause, and when the page is left. Comfort only:
// the Save draft button does the same, and so does every message that is refused.
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  if (!form) return;
  var line = document.getElementById("composer-saved");
  var pause = 1500;
  var timer = 0;
  var kept = written();
  var leaving = false;

  function written() {
    var kind = form.querySelector("input[name=kind]:checked");
    return form.elements.text.value + "\n" + (kind ? kind.value : "");
  }

  function keep() {
    clearTimeout(timer);
    var now = written();
    if (now === kept || leaving) return;
    var data = new FormData(form);
    Array.from(data.entries()).forEach(function (pair) {
      if (pair[1] instanceof File) data.delete(pair[0]);
    });
    data.set("act", "auto");
    fetch(form.getAttribute("action"), {
      method: "POST",
      body: data,
      keepalive: true,
      redirect: "error",
    })
      .then(function (response) {
        return response.json().then(function (said) {
          if (response.ok) kept = now;
          if (said.words) line.textContent = said.words;
        });
      })
      .catch(function () {
        if (!leaving) line.textContent = form.dataset.notKept;
      });
  }

  form.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(keep, pause);
  });
  form.addEventListener("submit", function () {
    leaving = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState === "hidden") keep();
  });
  window.addEventListener("pageshow", function () {
    leaving = false;
  });
})();
