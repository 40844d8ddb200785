// Before the first paint: the theme the server knows, else the cookie's, else the device's. Says also that there is JavaScript.
(function () {
  var root = document.documentElement;
  var chosen = root.dataset.theme || (document.cookie.match(/(?:^|; )theme=(light|dark)/) || [])[1];
  var device = matchMedia("(prefers-color-scheme: dark)");
  function set() {
    root.dataset.bsTheme = chosen || (device.matches ? "dark" : "light");
  }
  root.classList.add("js");
  set();
  device.addEventListener("change", set);
})();
