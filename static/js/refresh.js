// While something is being made, its part of the page is asked for again every two seconds. Comfort only: the link
// "Check again" does the same.

async function look() {
  const part = document.querySelector("[data-refresh]");
  if (!part) return;
  let pause = 2000;
  try {
    const response = await fetch(location.href, { headers: { "X-Purpose": "preview" } });
    pause = 1000 * Number(response.headers.get("Retry-After")) || 2000; // the server says when it was asked too often
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (fresh && fresh.outerHTML !== part.outerHTML) part.replaceWith(document.adoptNode(fresh));
    }
  } catch {
    // no connection: the next look tells
  }
  setTimeout(look, pause);
}
setTimeout(look, 1000);
