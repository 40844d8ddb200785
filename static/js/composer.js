// Keeps what is being written to the SAFE-T team, and shows what other tabs wrote: neither is lost unasked.
import { keeping } from "./keeping.js";

const keeper = keeping({
  mark: "[data-keep]",
  form,
  written(box) {
    const chosen = box.querySelectorAll("input[name=kind]:checked, input[name^=ground-]:checked");
    return box.elements.text.value + Array.from(chosen, (each) => `\n${each.id}`).join("");
  },
  post(data, act) {
    data.set("act", act || "auto");
  },
  say,
  answered(said, ok, box) {
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
  const line = document.getElementById("composer-saved");
  if (line && line.textContent !== words) line.textContent = words;
}

function use(box, text) {
  const field = box.elements.text;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  keeper.start();
}

function offer(other) {
  const notice = document.getElementById("composer-other");
  const hides = !other;
  if (!notice || notice.hidden === hides) return;
  notice.hidden = hides;
  if (other) notice.querySelector("[data-when]").textContent = other.words;
}

function setAside(words) {
  const line = document.getElementById("composer-aside");
  line.hidden = !words;
  line.querySelector("span").textContent = words || "";
}

// The same as these buttons do by themselves, without leaving the page.
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("#composer-other button, #composer-aside button");
  const box = form();
  if (!pressed || !box) return;
  event.preventDefault();
  box.elements.text.focus();
  keeper.keep(pressed.value);
});

// A box that came with the claim's news starts from what is in it.
document.addEventListener("htmx:afterSwap", start);

function start() {
  const box = form();
  if (!box || box.dataset.known) return;
  box.dataset.known = "yes";
  keeper.start();
  const field = box.elements.text;
  if (field.value === field.defaultValue) return;
  box.elements.kept_at.value = ""; // the browser put back what stood here once: no newer words give way to it unasked
  keeper.keep("auto");
}
start();
