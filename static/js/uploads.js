// Files go up as soon as they are chosen, one after the other, each with a bar. Comfort only: without this file, and
// where the connection fails, they go with the form. A file goes alone, to the form's own address: what is written and
// chosen may change while it is on its way. Of the answer the parts that show files take the place of those on the page.
(function () {
  "use strict";
  if (!form()) return;
  var queue = [];
  var busy = null;
  var left = []; // what could not go up, or was on its way when the form went: it goes with the form
  var refused = [];
  var answer = null;

  // Asked for each time: news of a claim may put another box in the place of one nobody has written in.
  function form() {
    return document.querySelector("form[data-uploads]");
  }

  function line(input, name) {
    var item = document.createElement("li");
    var label = document.createElement("span");
    label.textContent = name;
    item.append(label);
    input.closest(".pick").querySelector(".names").append(item);
    return item;
  }

  function bar(item, name) {
    var progress = document.createElement("progress");
    progress.max = 100;
    progress.value = 0;
    progress.setAttribute("aria-label", name);
    item.append(progress);
    return progress;
  }

  function say(item, words) {
    var status = document.createElement("span");
    status.className = "small";
    status.textContent = words;
    item.querySelectorAll("progress").forEach(function (progress) {
      progress.remove();
    });
    item.append(status);
  }

  function fields(input, file) {
    var data = new FormData();
    var act = form().dataset.uploads.split("=");
    form()
      .querySelectorAll("input[type=hidden]")
      .forEach(function (field) {
        data.append(field.name, field.value);
      });
    data.set(act[0], act[1]);
    data.append(input.name, file, file.name);
    return data;
  }

  // What was chosen before with the same button and is not up keeps its line, but for what is tried once more.
  function keepLines(input) {
    var names = input.closest(".pick").querySelector(".names");
    var files = Array.from(input.files);
    left = left.filter(function (each) {
      return each.input !== input || !files.some((file) => file.name === each.file.name && file.size === each.file.size);
    });
    var kept = left.concat(busy || [], queue).filter((each) => each.input === input);
    names.replaceChildren.apply(names, kept.map((each) => each.item));
  }

  function waits() {
    return left.some((each) => each.item.isConnected);
  }

  function notUp() {
    left.push(busy);
    say(busy.item, form().dataset.notUploaded);
    next();
  }

  function next() {
    busy = queue.shift() || null;
    if (!busy) return done();
    var progress = bar(busy.item, busy.file.name);
    var request = (busy.request = new XMLHttpRequest());
    request.open("POST", form().getAttribute("action") || location.pathname);
    request.setRequestHeader("X-Purpose", "preview"); // nobody reads the answer: what is new stays new
    request.responseType = "document";
    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("load", function () {
      var page = request.response;
      if (request.status === 200 && page && page.querySelector("form[data-uploads]")) {
        answer = page;
        page.querySelectorAll("#to-fix li").forEach(function (problem) {
          var words = problem.textContent.trim();
          if (words.indexOf(busy.shown) === 0 || !refused.some(same(words))) refused.push({ id: busy.id, words: words });
        });
        busy.item.remove();
        next();
      } else {
        notUp();
      }
    });
    request.addEventListener("error", notUp);
    request.send(fields(busy.input, busy.file));
  }

  function same(words) {
    return function (one) {
      return one.words === words;
    };
  }

  // All are up: show the form's files as the server has them, say what was refused, and choose nothing twice.
  function done() {
    if (answer) {
      var focused = document.activeElement && document.activeElement.id;
      document.querySelectorAll("[data-swap]").forEach(function (old) {
        var fresh = answer.getElementById(old.id);
        if (!fresh || (waits() && old.querySelector("input[type=file]"))) return;
        old.replaceWith(document.adoptNode(fresh));
      });
      if (!waits()) {
        form().querySelectorAll("input[type=file]").forEach(function (input) {
          input.value = "";
        });
      }
      if (focused && document.activeElement === document.body) {
        var again = document.getElementById(focused);
        if (again) again.focus();
      }
    }
    refused.forEach(function (one) {
      var input = document.getElementById(one.id);
      if (!input) return;
      var item = line(input, one.words);
      item.className = "refused";
    });
    refused = [];
    answer = null;
  }

  document.addEventListener("change", function (event) {
    var input = event.target;
    if (!input.matches("form[data-uploads] input[type=file]")) return;
    keepLines(input);
    Array.from(input.files).forEach(function (file) {
      queue.push({ input: input, id: input.id, file: file, shown: file.name, item: line(input, file.name) });
    });
    if (!busy) next();
  });

  // Who leaves before all are up is asked first; sending is no leaving.
  var sending = false;
  window.addEventListener("beforeunload", function (event) {
    if (busy && !sending) event.preventDefault();
  });
  window.addEventListener("pageshow", function () {
    sending = false;
  });

  // Who sends before all are up sends them with the form: the server keeps each once.
  document.addEventListener("submit", function (event) {
    if (event.target !== form() || event.defaultPrevented) return;
    sending = true;
    left = left.concat(busy || [], queue);
    queue = [];
    if (busy && busy.request) busy.request.abort();
  });

  // A field holds what was chosen in it last, and nothing once its files are up: what else has its line here goes along.
  document.addEventListener("formdata", function (event) {
    if (event.target !== form()) return;
    var held = Array.from(form().querySelectorAll("input[type=file]")).flatMap((input) => Array.from(input.files));
    left.forEach(function (each) {
      if (each.item.isConnected && held.indexOf(each.file) < 0) event.formData.append(each.input.name, each.file, each.file.name);
    });
  });
})();
