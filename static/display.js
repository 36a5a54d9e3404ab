// The TV's own manners: turn the pages, change the help line, announce calls, stay awake.
(() => {
  "use strict";
  const PAGE = 9000; // ms for a page of the list
  const LINE = 11000; // ms for a help line: at most four, so all within 45 s
  const REPEATS = [0, 15000, 120000]; // ms after a call appears, while it stands unanswered
  const SILENCE = 2000; // ms between two announcements
  const LOOK = 250; // ms between two looks at what is to be announced
  const TRIAL = 10000; // ms that a test call stands
  const KEPT = 100; // calls that are gone from the screen and whose announcements are still remembered
  const body = document.body;
  let busy = 0;
  let trial = { round: "", until: 0, said: true };
  // By a call's number, since when it stands and how often it was announced. Kept over a reload of the page, so that a
  // call is neither announced twice nor missed.
  let heard = kept();

  setInterval(() => {
    const pages = document.querySelectorAll(".tv-page").length;
    body.dataset.page = pages > 1 ? (Number(body.dataset.page) + 1) % pages : 0;
  }, PAGE);
  setInterval(() => {
    body.dataset.line = (Number(body.dataset.line) + 1) % Number(document.getElementById("tv").dataset.lines);
  }, LINE);

  function keepInBounds() {
    const pages = document.querySelectorAll(".tv-page").length;
    if (Number(body.dataset.page) >= pages) body.dataset.page = 0;
    if (Number(body.dataset.line) >= Number(document.getElementById("tv").dataset.lines)) body.dataset.line = 0;
  }

  // The clinic's data may have been replaced by older ones: their calls count anew.
  function notice(seq) {
    if (Object.keys(heard).some((call) => Number(call) > seq)) heard = {};
    const shown = [...document.querySelectorAll("[data-call]")].map((node) => node.dataset.call);
    shown.forEach(known);
    const gone = Object.keys(heard).filter((call) => !shown.includes(call));
    for (const call of gone.sort((a, b) => b - a).slice(KEPT)) delete heard[call];
    keep();
    next();
  }

  // What we know of this call: one that is new stands from now on.
  function known(call) {
    heard[call] = heard[call] || { since: Date.now(), times: 0 };
    return heard[call];
  }

  // A browser may refuse to keep anything, or hold what is broken: then a reload announces once more.
  function kept() {
    try {
      const found = Object.entries(JSON.parse(sessionStorage.getItem("heard")) || {});
      return Object.fromEntries(found.filter(([, one]) => one && one.since >= 0 && one.times >= 0));
    } catch {
      return {};
    }
  }

  function keep() {
    try {
      sessionStorage.setItem("heard", JSON.stringify(heard));
    } catch {
      body.dataset.keeps = "nothing"; // calls are announced all the same
    }
  }

  // How often this call should have been announced by now.
  function owed(call) {
    const stood = Math.max(0, Date.now() - known(call).since);
    return REPEATS.filter((after) => after <= stood).length;
  }

  // One announcement at a time: who was announced least goes first, then who was called first.
  function next() {
    rehearse();
    if (performance.now() < busy) return;
    const due = [...document.querySelectorAll("[data-call]:not([data-answered])")]
      .map((node) => ({ call: Number(node.dataset.call), words: node.dataset.say }))
      .filter(({ call }) => known(call).times < owed(call))
      .sort((a, b) => known(a.call).times - known(b.call).times || a.call - b.call)[0];
    if (due) {
      known(due.call).times = owed(due.call);
      keep();
      announce(due.words);
    } else if (!trial.said) {
      trial.said = true;
      announce(trial.words);
    }
  }

  function announce(words) {
    const loudness = Number(document.getElementById("tv").dataset.volume) / 100;
    if (!loudness) return;
    // A script that did not come takes nothing along: without the voice it chimes, without the chime the text stands.
    window.voice?.stop();
    const heardNow = Boolean(window.chime?.(loudness));
    const speaks = heardNow && window.voice && words;
    const chime = heardNow ? window.chime.seconds : 0;
    const seconds = speaks ? window.voice.say(words, loudness, chime) : chime;
    body.dataset.sound = heardNow ? "on" : "blocked";
    body.dataset.chimes = Number(body.dataset.chimes || 0) + 1;
    body.dataset.said = speaks ? words : "";
    busy = performance.now() + seconds * 1000 + SILENCE;
  }

  // A test call for this TV stands for some seconds; after a push too, which brings it hidden.
  function rehearse() {
    const node = document.getElementById(`trial-${body.dataset.number}`);
    if (!node) return;
    const { round, say } = node.dataset;
    if (round !== trial.round) trial = { round, words: say, until: performance.now() + TRIAL, said: false };
    node.hidden = performance.now() > trial.until;
  }

  async function stayAwake() {
    if (document.hidden || !navigator.wakeLock) return;
    try {
      await navigator.wakeLock.request("screen");
    } catch {
      body.dataset.awake = "refused"; // the set's own power settings decide; the page works all the same
    }
  }

  document.addEventListener("screen", (event) => { keepInBounds(); notice(event.detail.seq); });
  document.addEventListener("numbered", next);
  // The page does not come anew in the middle of a sentence.
  document.addEventListener("renewing", (event) => { if (performance.now() < busy) event.preventDefault(); });
  document.addEventListener("visibilitychange", stayAwake);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  setInterval(next, LOOK);
  // The picture moves by two pixels each hour, so that nothing burns in.
  setInterval(() => { body.style.translate = body.style.translate ? "" : "2px 2px"; }, 3600000);
  keepInBounds();
  notice(Number(body.dataset.seq));
  stayAwake();
})();
