// While a claim's page is open and looked at, asks every few seconds what is new. What comes is put below; the reader's
// place on the screen, their focus and what they are writing stay as they are. Comfort only: reloading shows the same.

const EVERY = 4000;
const MOST = 40; // files asked for at once

let held = null;

function ask() {
  const live = document.getElementById("live");
  if (live && document.visibilityState === "visible") htmx.trigger(live, "ask");
}

function isSeen(each) {
  const { top, bottom } = each.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

// What must not move: the field one is in, else the first thing of the thread or the box that can be seen.
function anchor() {
  const active = document.activeElement;
  const isPlace = active && active !== document.body && active.id !== "main" && isSeen(active);
  if (isPlace && active.closest("#composer-box, #thread")) {
    // A waiting file may be replaced.
    return active.closest(".file[data-waits]") ? active.closest("#thread > li, #composer-box") : active;
  }
  return Array.from(document.querySelectorAll("#thread > li, #composer-box")).find(isSeen);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { status } = event.detail.xhr;
  if (event.detail.requestConfig.elt.id === "live") {
    if (status === 304) event.detail.shouldSwap = false;
    if (status === 401 || status === 404) stop(status);
    if (status !== 200) return;
  }
  const thing = anchor();
  const focus = document.activeElement;
  held = {
    thing,
    top: thing ? thing.getBoundingClientRect().top : 0,
    head: focus && focus.closest("#claim-head, #older, #claim-files, .file[id]") ? focus.closest("[id]").id : "",
    href: focus && focus.getAttribute("href"),
  };
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id === "composer-box" && !isUntouched()) {
    event.detail.shouldSwap = false;
    const note = document.getElementById("composer-old");
    if (note) note.hidden = false;
  }
});

document.addEventListener("htmx:afterSwap", () => {
  if (!held) return;
  if (held.thing && held.thing.isConnected) {
    scrollBy({ top: held.thing.getBoundingClientRect().top - held.top, behavior: "instant" });
  }
  if (held.head) {
    const place = document.getElementById(held.head);
    const again = place && (place.querySelector(`[href="${held.href}"]`) || place.querySelector("a, button"));
    if (again && !place.contains(document.activeElement)) again.focus({ preventScroll: true });
  }
  held = null;
});

// A box may be replaced where nobody has begun to write in it.
function isUntouched() {
  const box = document.querySelector("#composer-box form");
  if (!box) return true;
  if (box.elements.text.value || box.querySelector("input:checked, .draft-file")) return false;
  return !box.contains(document.activeElement);
}

function stop(status) {
  document.getElementById("live").remove();
  const box = document.querySelector("form[data-keep]");
  const line = document.getElementById("composer-saved");
  if (status === 401 && box && line) line.textContent = box.dataset.signedOut;
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "live") return;
  const { parameters } = event.detail;
  parameters.seen = document.hasFocus() ? "1" : "0";
  const files = document.querySelectorAll(".file[id][data-waits]");
  const waiting = Array.from(files, (each) => `${each.id}.${each.dataset.waits}`);
  const first = document.querySelector("#thread > li[id^=e]");
  if (first) parameters.first = first.id.slice(1);
  if (waiting.length) parameters.files = waiting.slice(-MOST).join(" ");
});
setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);
window.addEventListener("focus", ask);
