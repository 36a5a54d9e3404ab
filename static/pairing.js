// Looks every few seconds whether staff have typed this screen's code; a code that has ended is replaced by the next.
(() => {
  "use strict";
  const seconds = Number(document.body.dataset.seconds);

  async function look() {
    try {
      const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(8000) });
      if (answer.status !== 403) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.documentElement.dataset.edition !== document.documentElement.dataset.edition) return location.reload();
      const next = page.querySelector("main");
      const main = document.querySelector("main");
      if (next && next.textContent !== main.textContent) main.replaceWith(next);
    } catch {
      // The server is away: the code stands, and the next look will do.
    }
    setTimeout(look, seconds * 1000);
  }

  setTimeout(look, seconds * 1000);
})();
