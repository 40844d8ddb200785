// Comfort only: every page works without this file.

// A text field grows with what is written in it.
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

// The names of the chosen files stand under the button that chose them.
function showNames(input) {
  const list = input.closest(".pick").querySelector(".names");
  if (!list) return;
  const lines = Array.from(input.files, (file) => {
    const line = document.createElement("li");
    line.textContent = file.name;
    return line;
  });
  list.replaceChildren(...lines);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-grow]")) grow(event.target);
});
document.addEventListener("change", (event) => {
  if (event.target.matches(".pick input[type=file]")) showNames(event.target);
});

// Menus close with Escape, which gives the focus back, and when something else is clicked.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A field that is there to be copied is chosen whole at the first touch.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[data-copy]")) event.target.select();
});

// A part of a page that asks by itself is quiet for as long as the server says that it asked too often.
let quiet = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (Date.now() < quiet && !event.detail.requestConfig.triggeringEvent?.isTrusted) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  if (xhr && xhr.status === 429) quiet = Date.now() + 1000 * (Number(xhr.getResponseHeader("Retry-After")) || 60);
});

// What is to be fixed, else what a link points at, is where the reader starts.
const start = document.getElementById("to-fix") || document.querySelector("[data-start]");
if (start) start.focus();
