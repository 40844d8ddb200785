// Keeps what is written in a form as a draft on the server: after a pause, when a field is left, and when the page is.
// One post at a time, each with its number, so that older words never take the place of newer ones. Comfort only: the
// form's own buttons keep the same. What happens when is in keeping_states.js; here is what it takes of the page.
import { KeepingStates, PAUSE } from "./keeping_states.js";

function address(form) {
  return form.getAttribute("action") || location.href;
}

// What came of a post: its status, 0 where it didn't arrive, and what the server said, where that can be read.
async function send(form, sent, carried) {
  try {
    const response = await fetch(address(form), {
      method: "POST",
      body: sent,
      keepalive: carried,
      redirect: "manual", // to the page to sign in on: then nothing was kept
      headers: { Accept: "application/json" },
    });
    if (response.type === "opaqueredirect") return { redirected: true };
    if (response.status === 403 || response.status === 413) return { status: response.status };
    return { status: response.status, said: await response.json().catch(() => undefined) };
  } catch {
    return { status: 0 };
  }
}

// `page`: form() finds the form, written(form) says what is in it as one text, post(data, act) makes a post one of the
// script's, say(words, form) tells how it stands, answered(said, ok, form) takes the server's answer; `mark` is the
// form's attribute, as a selector.
export function keeping(page) {
  const states = new KeepingStates();
  let timer = 0;

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(keep, ms);
  }

  function keep(act) {
    clearTimeout(timer);
    const form = page.form();
    if (!form) return;
    const gone = act === "gone";
    const hidden = document.visibilityState === "hidden";
    const text = page.written(form);
    follow(states.keep(text, { act: gone ? "" : act, hidden, gone }), form, text);
  }

  function follow(step, form, text, said) {
    if (step.do === "post") post(form, text, step);
    if (step.do === "unsaved") page.say(form.dataset[step.why], form);
    if (step.do === "wait") page.say(said.words, form);
    if (step.do === "overtaken") form.elements.n.value = Math.max(Number(form.elements.n.value), said.n);
    if (step.do === "answered") page.answered(said, step.ok, form);
    if (step.ms !== undefined) later(step.ms);
  }

  function body(form, act) {
    const data = new FormData(form);
    for (const [name, value] of Array.from(data)) {
      if (value instanceof File) data.delete(name);
    }
    form.elements.n.value = Number(form.elements.n.value) + 1;
    data.set("n", form.elements.n.value);
    page.post(data, act);
    return data;
  }

  async function post(form, text, { act, carried }) {
    const sent = body(form, act);
    try {
      const answer = await send(form, sent, carried);
      const step = states.answer(text, answer, page.written(form));
      if (step.do === "renew") follow(states.renewed(await renew(form)), form, text);
      else follow(step, form, text, answer.said);
    } finally {
      const now = page.form();
      const next = states.ended(now && page.written(now));
      if (next !== null) keep(next);
    }
  }

  async function renew(form) {
    try {
      const response = await fetch(address(form), { redirect: "error", headers: { Purpose: "prefetch" } });
      const fresh = new DOMParser()
        .parseFromString(await response.text(), "text/html")
        .querySelector(`form${page.mark} [name=csrfmiddlewaretoken]`);
      if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
      return Boolean(fresh);
    } catch {
      return false;
    }
  }

  function ours(event) {
    return page.form() && event.target.closest && event.target.closest("form") === page.form();
  }

  document.addEventListener("input", (event) => {
    if (!ours(event)) return;
    page.form().autocomplete = "on";
    later(PAUSE);
  });
  document.addEventListener("focusout", (event) => {
    if (ours(event)) keep();
  });
  document.addEventListener("visibilitychange", () => keep());
  window.addEventListener("online", () => keep());
  window.addEventListener("pagehide", () => keep("gone"));
  window.addEventListener("pageshow", (event) => {
    states.back();
    if (event.persisted && page.form()?.autocomplete === "off") location.reload(); // the server says what became of it
  });
  window.addEventListener("beforeunload", (event) => {
    const form = page.form();
    if (form && states.asks(page.written(form), navigator.onLine)) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = page.form();
    if (!form || event.target !== form || event.defaultPrevented) return;
    const why = states.submit(page.written(form), navigator.onLine);
    if (why) {
      event.preventDefault();
      page.say(form.dataset[why], form);
      return;
    }
    form.elements.n.value = Number(form.elements.n.value) + 1;
    form.autocomplete = "off"; // who comes back finds what the server has, and not once more the words that were sent
    clearTimeout(timer);
  });

  return { keep, start: () => states.start(page.written(page.form())) };
}
