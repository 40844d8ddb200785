// Comfort only: every page of the desk works without this file.

document.getElementById("to-fix")?.focus();

// Who denies needs a reason: the lists of reasons open by themselves.
document.addEventListener("change", (event) => {
  if (!event.target.matches("input[name=outcome][value=DENY]")) return;
  for (const each of document.querySelectorAll("details[data-why]")) each.open = true;
});

const here = document.querySelector("[data-here]");
const token = document.querySelector("input[name=csrfmiddlewaretoken]");
const changed = document.getElementById("changed");
const version = document.querySelector("input[name=version]");

function signs(extra) {
  const form = new FormData();
  form.append("csrfmiddlewaretoken", token.value);
  if (version) form.append("version", version.value);
  const writes = Array.from(document.querySelectorAll("textarea")).some((box) => box.value !== box.defaultValue);
  if (writes) form.append("writing", "1");
  if (extra) form.append(extra, "1");
  return form;
}

// A sign of life now and then: who else is here, and whether the claim is still the one on the page.
async function beat() {
  if (document.hidden) return;
  try {
    const answer = await fetch(here.dataset.here, { method: "POST", body: signs(), credentials: "same-origin" });
    if (!answer.ok) return;
    const news = await answer.json();
    if (here.textContent !== news.here) here.textContent = news.here;
    changed.hidden = !news.changed;
    if (changed.textContent !== news.changed) changed.textContent = news.changed;
  } catch {
    // no connection: the next sign tells
  }
}

if (here && token) {
  setInterval(beat, Number(here.dataset.beat) * 1000);
  document.addEventListener("visibilitychange", beat);
  window.addEventListener("pagehide", () => navigator.sendBeacon(here.dataset.here, signs("left")));
}
