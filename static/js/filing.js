// Keeps what is being chosen and written while filing as a draft on the server: after a pause, and when the page is
// left. Comfort only: Continue, Back and Save draft keep the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-filing]");
  if (!form) return;
  var line = document.getElementById("saved");
  var timer = 0;
  var leaving = false;
  var kept = written();

  function fields() {
    var data = new FormData(form);
    Array.from(data.entries()).forEach(function (pair) {
      if (pair[1] instanceof File) data.delete(pair[0]);
    });
    return data;
  }

  function written() {
    return new URLSearchParams(fields()).toString();
  }

  function keep() {
    clearTimeout(timer);
    var now = written();
    if (now === kept || leaving || form.querySelector("[name=accepted]")) return;
    var data = fields();
    data.set("auto", "1");
    fetch(location.href, { method: "POST", body: data, keepalive: true, redirect: "error" })
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

  form.addEventListener("input", function (event) {
    var count = document.getElementById(event.target.dataset.count || "-");
    if (count) count.textContent = event.target.value.trim().length.toLocaleString("en-US");
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
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
