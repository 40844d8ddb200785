// While something is being made, its part of the page is asked for again every two seconds. Comfort only: the link
// "Check again" does the same.
(function () {
  "use strict";
  function look() {
    var part = document.querySelector("[data-refresh]");
    if (!part) return;
    var pause = 2000;
    fetch(location.href, { headers: { "X-Purpose": "preview" } })
      .then(function (response) {
        pause = 1000 * Number(response.headers.get("Retry-After")) || 2000; // the server says when it was asked too often
        return response.ok ? response.text() : Promise.reject(new Error(String(response.status)));
      })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
        if (fresh && fresh.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(fresh));
      })
      .catch(function () {})
      .then(function () {
        setTimeout(look, pause);
      });
  }
  setTimeout(look, 1000);
})();
