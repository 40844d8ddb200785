// Before the first paint: the theme the server knows, else the cookie's, else the device's. Says also that there is
// JavaScript. The one script that is no module: a module waits until the page is parsed, and the page would flash.
(function () {
  "use strict";
  const root = document.documentElement;
  const chosen = root.dataset.theme || (document.cookie.match(/(?:^|; )theme=(light|dark)/) || [])[1];
  const device = matchMedia("(prefers-color-scheme: dark)");
  function set() {
    root.dataset.bsTheme = chosen || (device.matches ? "dark" : "light");
  }
  root.classList.add("js");
  set();
  device.addEventListener("change", set);
})();
