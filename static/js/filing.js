// Keeps what is being chosen and written while filing, and counts the characters.
import { keeping } from "./keeping.js";

const form = document.querySelector("form[data-filing]");

function written() {
  const data = new FormData(form);
  for (const name of ["n", "csrfmiddlewaretoken"]) data.delete(name);
  return Array.from(data)
    .filter(([, value]) => !(value instanceof File))
    .map((pair) => pair.join("="))
    .join("\n");
}

function say(words) {
  document.getElementById("saved").textContent = words;
}

if (form) {
  document.addEventListener("input", (event) => {
    const count = document.getElementById(event.target.dataset.count || "-");
    const letters = Array.from(event.target.value.trim()); // as the server counts
    if (count) count.textContent = letters.length.toLocaleString("en-US");
  });
}

// Nothing is written on the last page.
if (form && !form.querySelector("[name=accepted]")) {
  keeping({
    mark: "[data-filing]",
    form: () => form,
    written,
    post(data) {
      data.set("auto", "1");
    },
    say,
    answered(said) {
      if (said.words) say(said.words);
    },
  }).start();
}
