// Keeps what is written in a form as a draft on the server: after a pause, when a field is left, and when the page is.
// One post at a time, each with its number, so that older words never take the place of newer ones. Comfort only: the
// form's own buttons keep the same.
(function () {
  "use strict";
  var PAUSE = 1500;
  var AGAIN = 10000;
  var CARRIED = 60000; // bytes that a browser still delivers for a page that is gone: 64 KiB, all headers counted
  var MOST = 1000000; // bytes that the server reads of a form's words

  // `of`: form() finds the form, written(form) says what is in it as one text, post(data) makes a post one of the
  // script's, say(words, form) tells how it stands, answered(said, ok, form) takes the server's answer.
  window.keeping = function (of) {
    var kept = null; // what the server is known to have
    var sent = null; // what it was sent last
    var busy = 0;
    var next = ""; // what was pressed meanwhile
    var timer = 0;
    var leaving = false;
    var renewed = false;
    var stuck = false; // the last post did not keep anything
    var quiet = 0; // until when the server keeps nothing by itself: too much was kept in this hour

    function bytes(text) {
      return new TextEncoder().encode(text).length;
    }

    function later(ms) {
      clearTimeout(timer);
      timer = setTimeout(keep, ms);
    }

    function body(form, act) {
      var data = new FormData(form);
      Array.from(data.entries()).forEach(function (pair) {
        if (pair[1] instanceof File) data.delete(pair[0]);
      });
      form.elements.n.value = Number(form.elements.n.value) + 1;
      data.set("n", form.elements.n.value);
      of.post(data, act);
      return data;
    }

    // What the page still can say when it is hidden or left doesn't wait for the answer to what was said before.
    function keep(act) {
      var form = of.form();
      var hidden = document.visibilityState === "hidden" || act === "gone";
      clearTimeout(timer);
      if (!form || leaving) return;
      var now = of.written(form);
      var deed = act && act !== "gone" ? act : "";
      if (busy && !hidden) {
        next = deed || next; // the rest is seen to when the answer is there
        return;
      }
      if (!deed && now === (busy && act !== "gone" ? sent : kept)) return;
      if (!deed && Date.now() < quiet) return later(quiet - Date.now());
      if (bytes(now) > MOST) return unsaved(form, "tooLarge");
      post(form, now, deed, hidden && bytes(now) < CARRIED);
    }

    function post(form, now, deed, carried) {
      busy += 1;
      sent = now;
      fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body: body(form, deed),
        keepalive: carried,
        redirect: "manual", // to the page to sign in on: then nothing was kept
        headers: { Accept: "application/json" },
      })
        .then(function (response) {
          if (response.type === "opaqueredirect") return unsaved(form, "signedOut", AGAIN);
          if (response.status === 403) return renew(form);
          if (response.status === 413) return unsaved(form, "tooLarge");
          return response.json().then(
            function (said) {
              renewed = false;
              if (said.n) return overtaken(form, said.n);
              if (response.status === 429) return wait(form, said);
              stuck = !response.ok;
              if (response.ok) kept = now;
              of.answered(said, response.ok, form);
            },
            function () {
              unsaved(form, "broken", AGAIN);
            }
          );
        })
        .catch(function () {
          unsaved(form, "notKept", AGAIN);
        })
        .finally(function () {
          busy -= 1;
          if (busy || !of.form() || !(next || of.written(of.form()) !== sent)) return;
          var deed = next;
          next = "";
          keep(deed);
        });
    }

    // The server has something that this page wrote later. Where that was before it came back from the history, what
    // stands here now counts.
    function overtaken(form, n) {
      form.elements.n.value = Math.max(Number(form.elements.n.value), n);
      if (busy === 1 && of.written(form) !== kept) later(0);
    }

    function unsaved(form, why, again) {
      if (leaving) return;
      stuck = true;
      of.say(form.dataset[why], form);
      if (again) later(again);
    }

    function wait(form, said) {
      stuck = true;
      quiet = Date.now() + 1000 * said.again;
      of.say(said.words, form);
      later(1000 * said.again);
    }

    // After signing in again in another tab the form's proof is an old one: a page of now has the new one.
    function renew(form) {
      if (renewed) return unsaved(form, "signedOut", AGAIN);
      renewed = true;
      return fetch(form.getAttribute("action") || location.href, { redirect: "error", headers: { Purpose: "prefetch" } })
        .then((response) => response.text())
        .then(function (html) {
          var selector = "form" + of.mark + " [name=csrfmiddlewaretoken]";
          var fresh = new DOMParser().parseFromString(html, "text/html").querySelector(selector);
          if (!fresh) throw new Error("signed out");
          form.elements.csrfmiddlewaretoken.value = fresh.value;
          later(0);
        })
        .catch(function () {
          unsaved(form, "signedOut", AGAIN);
        });
    }

    function ours(event) {
      return of.form() && event.target.closest && event.target.closest("form") === of.form();
    }

    document.addEventListener("input", function (event) {
      if (ours(event)) later(PAUSE);
    });
    document.addEventListener("focusout", function (event) {
      if (ours(event)) keep();
    });
    document.addEventListener("visibilitychange", function () {
      keep();
    });
    window.addEventListener("online", function () {
      keep();
    });
    window.addEventListener("pagehide", function () {
      keep("gone");
    });
    window.addEventListener("pageshow", function () {
      leaving = false;
    });
    // Who leaves with words that can't be kept on the way out is asked first.
    window.addEventListener("beforeunload", function (event) {
      var form = of.form();
      if (!form || leaving) return;
      var now = of.written(form);
      if (now !== kept && (stuck || !navigator.onLine || bytes(now) >= CARRIED)) event.preventDefault();
    });
    document.addEventListener("submit", function (event) {
      var form = of.form();
      if (!form || event.target !== form || event.defaultPrevented) return;
      var why = !navigator.onLine ? "notKept" : bytes(of.written(form)) > MOST ? "tooLarge" : "";
      if (why) {
        event.preventDefault();
        return of.say(form.dataset[why], form);
      }
      form.elements.n.value = Number(form.elements.n.value) + 1;
      leaving = true;
      clearTimeout(timer);
    });

    return {
      keep: keep,
      // A form begins from what is in it.
      start: function () {
        kept = sent = of.written(of.form());
        stuck = false;
      },
    };
  };
})();
