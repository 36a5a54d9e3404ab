// Tells the server that this screen is on and whether it can be heard, so that staff know before a patient does.
(() => {
  "use strict";
  const EVERY = 10000; // ms between two words
  const LOOK = 1000; // ms between two looks at the sound
  const SETTLE = 1500; // ms in which a browser decides whether a page may sound
  const body = document.body;
  const key = `kindline-${body.dataset.screen}`;
  // Each window is a screen of its own: two TVs may hang on one device. Its windows tell each other who they are.
  const me = random();
  const windows = window.BroadcastChannel && new BroadcastChannel(key);
  const theirs = new Set(); // the ids that other windows have
  let kept = {};
  let said = "";
  let at = -Infinity;

  function random() {
    return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");
  }

  // A browser may refuse to keep anything, or hold what is broken: then it is a new screen after each reload.
  function read(storage, name) {
    try {
      return JSON.parse(window[storage].getItem(name)) || {};
    } catch {
      return {};
    }
  }

  // The window keeps who it is; the device keeps the number of each of its screens, so that "TV 2" is the same tomorrow.
  function remember() {
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
      const numbers = { ...read("localStorage", `${key}s`), [kept.id]: kept.number };
      localStorage.setItem(`${key}s`, JSON.stringify(numbers));
    } catch {
      body.dataset.keeps = "nothing";
    }
  }

  // Who this window was before a reload; else the first of the device's screens that no window is now; else a new one.
  function choose() {
    const had = Object.entries(read("localStorage", `${key}s`)).sort((a, b) => a[1] - b[1]);
    const may = [read("sessionStorage", key), ...had.map(([id, number]) => ({ id, number }))];
    kept = may.find(({ id }) => id && !theirs.has(id)) || { id: random() };
    tell();
  }

  function tell() {
    if (windows && kept.id) windows.postMessage({ me, id: kept.id });
  }

  // Another window asks who is there, or says who it is. Of two that are the same, as after a tab is copied, one gives way.
  function hear({ data }) {
    if (!data.id) return tell();
    theirs.add(data.id);
    if (data.id !== kept.id) return;
    if (data.me > me) return tell();
    choose();
    at = -Infinity;
  }

  function sound() {
    return document.querySelector("[data-volume='0']") ? "muted" : window.chime?.state() || "none";
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
      if (!answer.ok || word.id !== kept.id) return;
      kept.number = (await answer.json()).number;
      body.dataset.number = kept.number;
      remember();
      document.dispatchEvent(new CustomEvent("numbered"));
    } catch {
      at = performance.now(); // the server is away: the next word will do
    }
  }

  if (windows) {
    windows.onmessage = hear;
    windows.postMessage({});
  }
  document.addEventListener("live", (event) => { if (event.detail === "live") at = -Infinity; });
  setTimeout(() => { choose(); hello(); setInterval(hello, LOOK); }, SETTLE);
})();
