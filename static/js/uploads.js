// Files go up as soon as they are chosen, one after the other, each with a bar. Comfort only: without this file, and
// where the connection fails, they go with the form. A file goes alone, to the form's own address: what is written and
// chosen may change while it is on its way. Of the answer the parts that show files take the place of those here.
// Whose turn it is, and what is left to go with the form, is in upload_states.js.
import { UploadStates } from "./upload_states.js";

const states = new UploadStates();
let request = null;
let answer = null; // the page that came with the last file

// Asked for each time: news of a claim may put another box in the place of one nobody has written in.
function form() {
  return document.querySelector("form[data-uploads]");
}

function fileFields() {
  return Array.from(form().querySelectorAll("input[type=file]"));
}

function isShown(chosen) {
  return chosen.item.isConnected;
}

function line(input, name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  item.append(label);
  input.closest(".pick").querySelector(".names").append(item);
  return item;
}

function bar(item, name) {
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", name);
  item.append(progress);
  return progress;
}

function say(item, words) {
  const status = document.createElement("span");
  status.className = "small";
  status.textContent = words;
  for (const progress of item.querySelectorAll("progress")) progress.remove();
  item.append(status);
}

function body(chosen) {
  const data = new FormData();
  const [name, value] = form().dataset.uploads.split("=");
  for (const field of form().querySelectorAll("input[type=hidden]")) data.append(field.name, field.value);
  data.set(name, value);
  data.append(chosen.field.name, chosen.file, chosen.file.name);
  return data;
}

// Without one to send all are done.
function send(chosen) {
  if (!chosen) {
    done();
    return;
  }
  const progress = bar(chosen.item, chosen.file.name);
  request = new XMLHttpRequest();
  request.open("POST", form().getAttribute("action") || location.pathname);
  request.setRequestHeader("X-Purpose", "preview"); // nobody reads the answer: what is new stays new
  request.responseType = "document";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("load", arrived);
  request.addEventListener("error", notUp);
  request.send(body(chosen));
}

function arrived() {
  const page = request.response;
  if (request.status !== 200 || !page || !page.querySelector("form[data-uploads]")) {
    notUp();
    return;
  }
  answer = page;
  states.busy.item.remove();
  send(states.up(Array.from(page.querySelectorAll("#to-fix li"), (problem) => problem.textContent.trim())));
}

function notUp() {
  say(states.busy.item, form().dataset.notUploaded);
  send(states.failed());
}

// Show the form's files as the server has them, say what was refused, and choose nothing twice.
function done() {
  const { arrived: isNew, refused } = states.done();
  if (isNew) show(answer);
  answer = null;
  for (const { chosen, words } of refused) {
    const input = document.getElementById(chosen.id); // the field of now: the old one may have been swapped
    if (input) line(input, words).className = "refused";
  }
}

function show(page) {
  const waits = states.waiting(isShown).length > 0;
  const focused = document.activeElement && document.activeElement.id;
  for (const old of document.querySelectorAll("[data-swap]")) {
    const fresh = page.getElementById(old.id);
    if (fresh && !(waits && old.querySelector("input[type=file]"))) old.replaceWith(document.adoptNode(fresh));
  }
  if (!waits) {
    for (const input of fileFields()) input.value = "";
  }
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
}

function listen() {
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("form[data-uploads] input[type=file]")) return;
    const files = Array.from(input.files);
    const kept = states.again(input, files);
    input.closest(".pick").querySelector(".names").replaceChildren(...kept.map((each) => each.item));
    const { id } = input;
    const first = states.choose(
      files.map((file) => ({ field: input, id, file, name: file.name, item: line(input, file.name) })),
    );
    if (first) send(first);
  });

  window.addEventListener("beforeunload", (event) => {
    if (states.asks()) event.preventDefault();
  });
  window.addEventListener("pageshow", () => states.back());

  document.addEventListener("submit", (event) => {
    if (event.target !== form() || event.defaultPrevented) return;
    if (states.submit()) request.abort();
  });

  document.addEventListener("formdata", (event) => {
    if (event.target !== form()) return;
    const held = fileFields().flatMap((input) => Array.from(input.files));
    for (const { field, file } of states.along(held, isShown)) event.formData.append(field.name, file, file.name);
  });
}

if (form()) listen();
