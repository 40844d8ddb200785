// Comfort only: every page works without this file.
(function () {
  "use strict";

  // A text field grows with what is written in it.
  function grow(field) {
    field.style.height = "auto";
    field.style.height = field.scrollHeight + 2 + "px";
  }

  // The names of the chosen files stand under the button that chose them.
  function name(input) {
    var list = input.closest(".pick").querySelector(".names");
    if (!list) return;
    list.replaceChildren.apply(
      list,
      Array.from(input.files, function (file) {
        var line = document.createElement("li");
        line.textContent = file.name;
        return line;
      })
    );
  }

  document.addEventListener("input", function (event) {
    if (event.target.matches("textarea[data-grow]")) grow(event.target);
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches(".pick input[type=file]")) name(event.target);
  });

  // Menus close with Escape, which gives the focus back, and when something else is clicked.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A field that is there to be copied is chosen whole at the first touch.
  document.addEventListener("focusin", function (event) {
    if (event.target.matches("input[data-copy]")) event.target.select();
  });

  // A part of a page that asks by itself is quiet for as long as the server says that it asked too often.
  var quiet = 0;
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (Date.now() < quiet && !event.detail.requestConfig.triggeringEvent?.isTrusted) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    var xhr = event.detail.xhr;
    if (xhr && xhr.status === 429) quiet = Date.now() + 1000 * (Number(xhr.getResponseHeader("Retry-After")) || 60);
  });

  // What is to be fixed, else what a link points at, is where the reader starts.
  var start = document.getElementById("to-fix") || document.querySelector("[data-start]");
  if (start) start.focus();
})();
