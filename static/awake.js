// Locks the screen of somebody signed in while nobody is at it, and takes everything off the page at once, also when
// the server is away. The windows of a browser are one person's: who is there in one is there in all.
(() => {
  "use strict";
  const WARNING = 30000; // ms that the question stands
  const TELL = 60000; // ms between two words to the server that somebody is there
  const SHARE = 1000; // ms between two words to the other windows, and between two looks at the time
  const AGAIN = 2000; // ms until a server that did not answer is asked once more
  const TOUCH = 300; // ms from a finger's touch until its tap has surely landed
  const words = document.currentScript.dataset;
  const LOCK = Number(words.seconds) * 1000; // the server's own patience
  const windows = window.BroadcastChannel && new BroadcastChannel("kindline-awake");
  const question = ask();
  // Dates, not the time since the page began: that one stands still while a computer sleeps.
  let at = Date.now(); // when somebody did anything last
  let told = at; // when the server heard of it last: it has just sent this page
  let shared = at;
  let isTold = true;
  let isLocked = false;

  function line(kind, text) {
    const node = document.createElement(kind);
    node.textContent = text;
    return node;
  }

  function ask() {
    const box = document.createElement("dialog");
    const [title, how, keep] = [line("h2", words.title), line("p", words.how), line("button", words.keep)];
    box.className = "locking";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-labelledby", "locking-title");
    box.setAttribute("aria-describedby", "locking-how");
    title.id = "locking-title";
    how.id = "locking-how";
    keep.type = "button";
    keep.className = "button main";
    box.append(title, how, keep);
    return box;
  }

  // The key or touch that answers the question does nothing else.
  function moved(event) {
    if (isLocked || (event.type === "pointermove" && !event.movementX && !event.movementY)) return;
    at = Date.now();
    isTold = false;
    if (question.open && event.type === "keydown") {
      event.preventDefault();
      event.stopImmediatePropagation();
      question.close();
    } else if (question.open) setTimeout(() => question.close(), TOUCH);
    if (at - shared >= SHARE) {
      shared = at;
      windows?.postMessage("here");
    }
    tell();
  }

  async function tell() {
    if (isTold || Date.now() - told < TELL) return;
    told = Date.now();
    isTold = true;
    try {
      const answer = await fetch("/staff/awake", { method: "POST", headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) lock(); // locked or ended elsewhere
    } catch {
      isTold = false; // the server is away: it hears of it when it is back
    }
  }

  function look() {
    if (isLocked) return;
    tell();
    const idle = Date.now() - at;
    if (idle >= LOCK) lock();
    else if (idle >= LOCK - WARNING && !question.open) {
      document.body.append(question);
      question.showModal();
    } else if (idle < LOCK - WARNING && question.open) question.close();
  }

  async function lock(share = true) {
    if (isLocked) return;
    isLocked = true;
    if (share) windows?.postMessage("locked");
    const back = encodeURIComponent(location.pathname + location.search);
    const away = line("p", words.away);
    const page = document.createElement("main");
    page.className = "locking";
    away.hidden = true;
    away.setAttribute("role", "status");
    page.append(line("h1", words.locked), away);
    document.body.replaceChildren(page);
    document.dispatchEvent(new CustomEvent("locked"));
    for (;;) {
      try {
        await fetch("/staff/lock", { method: "POST", redirect: "manual", signal: AbortSignal.timeout(8000) });
        return location.replace(`/staff/unlock?next=${back}&lang=${document.documentElement.lang}`);
      } catch {
        away.hidden = false;
        await new Promise((again) => setTimeout(again, AGAIN));
      }
    }
  }

  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    addEventListener(kind, moved, { capture: true, passive: kind !== "keydown" });
  }
  if (windows) {
    windows.onmessage = ({ data }) => {
      if (data === "locked") return lock(false);
      at = Date.now();
      look();
    };
  }
  // Who leaves by a button leaves in all windows.
  document.addEventListener("submit", (event) => {
    if (/^\/(staff\/lock|logout)\b/.test(event.target.getAttribute("action"))) windows?.postMessage("locked");
  });
  document.addEventListener("visibilitychange", look); // a hidden page's timers are slow
  // A page that the browser kept may be of somebody who has left.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  setInterval(look, SHARE);
})();
