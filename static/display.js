// The TV's own manners: turn the pages, change the help line, chime for a call, stay awake.
(() => {
  "use strict";
  const PAGE = 9000; // ms for a page of the list
  const APART = 3200; // ms from one chime to the next: two seconds of silence between
  const LINE = 11000; // ms for a help line: at most four, so all within 45 s
  const REPEATS = [0, 15000, 120000]; // ms after a call appears, while it stands
  const body = document.body;
  const timers = new Map();
  let silence = 0;
  // Kept over a reload of the page, so that a call is neither chimed twice nor missed.
  let chimed = Number(sessionStorage.getItem("chimed") || 0);

  setInterval(() => {
    const pages = document.querySelectorAll(".tv-page").length;
    body.dataset.page = pages > 1 ? (Number(body.dataset.page) + 1) % pages : 0;
  }, PAGE);
  setInterval(() => {
    body.dataset.line = (Number(body.dataset.line) + 1) % Number(document.getElementById("tv").dataset.lines);
  }, LINE);

  // Calls ring one after the other, never into each other.
  function ring() {
    const now = performance.now();
    silence = Math.max(now, silence);
    setTimeout(sound, silence - now);
    silence += APART;
  }

  function sound() {
    body.dataset.sound = window.chime() ? "on" : "blocked";
    body.dataset.chimes = Number(body.dataset.chimes || 0) + 1;
  }

  function calls(seq) {
    if (seq < chimed) chimed = 0; // the clinic's data were replaced by older ones: its calls count anew
    const pages = document.querySelectorAll(".tv-page").length;
    if (Number(body.dataset.page) >= pages) body.dataset.page = 0;
    if (Number(body.dataset.line) >= Number(document.getElementById("tv").dataset.lines)) body.dataset.line = 0;
    const standing = new Set();
    for (const node of document.querySelectorAll("[data-call]")) {
      const call = Number(node.dataset.call);
      standing.add(call);
      if (call <= chimed) continue;
      timers.set(call, REPEATS.map((after) => setTimeout(ring, after)));
    }
    chimed = Math.max(chimed, ...standing);
    sessionStorage.setItem("chimed", chimed);
    for (const [call, waiting] of timers) {
      if (standing.has(call)) continue;
      waiting.forEach(clearTimeout);
      timers.delete(call);
    }
  }

  async function stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      await navigator.wakeLock.request("screen");
    } catch {
      body.dataset.awake = "refused"; // the set's own power settings decide; the page works all the same
    }
  }

  document.addEventListener("screen", (event) => calls(event.detail.seq));
  document.addEventListener("visibilitychange", stayAwake);
  // The picture moves by two pixels each hour, so that nothing burns in.
  setInterval(() => { body.style.translate = body.style.translate ? "" : "2px 2px"; }, 3600000);
  calls(Number(body.dataset.seq));
  stayAwake();
})();
