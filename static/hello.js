// Tells the server that this screen is on and whether it can be heard, so that staff know before a patient does.
(() => {
  "use strict";
  const EVERY = 10000; // ms between two words
  const LOOK = 1000; // ms between two looks at the sound
  const SETTLE = 1500; // ms in which a browser decides whether a page may sound
  const body = document.body;
  const key = `kindline-${body.dataset.screen}`;
  let kept = {};
  let said = "";
  let at = -Infinity;

  const random = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");

  // The device keeps who it is, so that "TV 2" is the same one tomorrow.
  function remember() {
    try {
      kept = { id: random(), ...JSON.parse(localStorage.getItem(key)), ...kept };
      localStorage.setItem(key, JSON.stringify(kept));
    } catch {
      kept = { id: random(), ...kept }; // a browser that keeps nothing: a new screen after each reload
    }
  }

  function sound() {
    return document.querySelector("[data-volume='0']") ? "muted" : window.chime.state();
  }

  async function hello() {
    const now = sound();
    if (now === said && performance.now() - at < EVERY) return;
    said = now;
    at = performance.now();
    const word = { id: kept.id, number: kept.number || null, sound: now, version: body.dataset.version };
    try {
      const answer = await fetch(body.dataset.hello, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(word),
        signal: AbortSignal.timeout(8000),
      });
      if (!answer.ok) return;
      kept.number = (await answer.json()).number;
      body.dataset.number = kept.number;
      remember();
      document.dispatchEvent(new CustomEvent("numbered"));
    } catch {
      at = performance.now(); // the server is away: the next word will do
    }
  }

  remember();
  document.addEventListener("live", (event) => { if (event.detail === "live") at = -Infinity; });
  setTimeout(() => { hello(); setInterval(hello, LOOK); }, SETTLE);
})();
