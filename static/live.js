// Keeps this page's screen current over one websocket, and says so plainly when it cannot. Brings the page anew when the
// server has another edition of it, as soon as that disturbs nobody.
// Engine.IO 4 and Socket.IO 5 need five short messages here; the full client would be half of a phone page's weight.
(() => {
  "use strict";
  const SILENCE = 8000; // ms without a word, pings included, after which the page is stale
  const LOST = 120000; // ms after which numbers of minutes are no longer worth showing
  const CUT = 3000; // ms without any connection, likewise
  const OPENING = 3000; // ms a connection may take to bring the screen, on a quick network
  const ASK = 2500; // ms between two questions whether the server still hears us
  const LOOK = 500; // ms between two looks at all this
  const DEAF = 11; // looks without an answer, after which the page is stale; a computer that slept looked at nothing
  const SOON = 10000; // ms between two times that a page comes anew because it may not be watched
  const REST = 3000; // ms without a hand on the page, after which nobody is disturbed
  const LEAVING = 30000; // ms that a page may take to be left for another
  const page = document.body;
  const root = document.documentElement;
  const screen = document.getElementById("screen");
  const notice = document.getElementById("stale");
  let key = page.dataset.key;
  let seq = Number(page.dataset.seq || 0);
  let socket = null; // the connection that brings the screen
  let trying = null; // the one that is opening
  let trip = performance.getEntriesByType("navigation")[0]?.responseStart || 0; // ms from a word to its answer
  let answers = false; // whether the server knows the question, as one of an older version does not
  let asked = 0; // since when an answer is due
  let unheard = 0; // looks since then
  let next = 0; // when to ask again
  let newer = ""; // the server's edition, where it is another one than this page's
  let free = 0; // from when on this page may come anew
  let heard = performance.now();
  let cut = 0;
  let wait = 300;
  let retry = 0;

  function show(next) {
    if (!next || next.key !== key || next.seq < seq) return;
    seq = next.seq;
    if ("still" in page.dataset) return; // a step with a form: it only needs to know that the wire lives
    // What somebody is typing stays; a button that has the focus must still say what it does now.
    const typing = document.activeElement?.matches("input, select, textarea");
    // Nor is what somebody opened shut under their hand.
    const callbacks = { beforeAttributeUpdated: (name, node) => name !== "open" || node.tagName !== "DETAILS" };
    Idiomorph.morph(screen, next.html, { morphStyle: "innerHTML", ignoreActiveValue: typing, callbacks });
    document.dispatchEvent(new CustomEvent("screen", { detail: next }));
  }

  function connect() {
    clearTimeout(retry);
    if (!key) return;
    drop();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = (trying = new WebSocket(`${scheme}//${location.host}/socket.io/?EIO=4&transport=websocket`));
    // That was patience enough: the next attempt starts at once.
    const late = setTimeout(() => { if (mine === trying) connect(); }, OPENING + 2 * trip);
    // Both at once: each word and its answer take a slow network seconds.
    mine.onopen = () => { mine.send("40"); watch(mine); };
    mine.onmessage = (event) => {
      if (mine === socket) heard = performance.now();
      receive(mine, event.data);
    };
    mine.onclose = () => {
      clearTimeout(late);
      drop();
      cut = cut || performance.now();
      retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 1.6, 2000);
    };
  }

  function drop() {
    const old = trying || socket;
    trying = socket = null;
    if (old) old.onopen = old.onclose = old.onmessage = null, old.close();
  }

  function watch(on) {
    on.key = key;
    on.send("420" + JSON.stringify(["watch", key]));
  }

  function receive(mine, text) {
    const kind = text.slice(0, 2);
    if (text[0] === "2") return mine.send("3");
    if (kind === "40") seq = 0; // after a restart or a restore, what the server has is what counts
    if (kind === "4!") answered();
    // Not let in now, or sent away: come again, and be told why.
    if (kind === "41" || kind === "44") return mine.close();
    if (kind === "43") {
      if (mine.key !== key) return watch(mine); // the page was turned meanwhile
      trying = null;
      socket = mine;
      wait = 300;
      cut = 0;
      heard = performance.now();
      asked = unheard = 0;
      const [now] = JSON.parse(text.slice(text.indexOf("[")));
      // What answered a form cannot be had again: such a page stays until somebody leaves it.
      const isOther = now.edition !== root.dataset.edition && !("answer" in root.dataset);
      if (now.edition) newer = isOther ? now.edition : "";
      answers = answers || "edition" in now;
      if (now.code === "not_allowed") return leave();
      if (!now.html) return document.dispatchEvent(new CustomEvent("refused", { detail: now }));
      show(now);
      return freshness();
    }
    if (kind === "42") {
      const [name, now] = JSON.parse(text.slice(2));
      if (name === "screen") show(now);
    }
  }

  // Where only the way to the server died, its pings still arrive: so it is asked.
  function ask() {
    unheard = asked ? unheard + 1 : 0;
    if (!socket || !answers || asked || performance.now() < next) return;
    asked = performance.now();
    next = asked + ASK;
    socket.send("4?");
  }

  function answered() {
    trip = performance.now() - asked;
    asked = unheard = 0;
  }

  const isDeaf = () => unheard > DEAF;

  function freshness() {
    const silent = performance.now() - heard;
    const gone = cut && performance.now() - cut > CUT;
    const live = silent > LOST ? "lost" : silent > SILENCE || isDeaf() || gone || !navigator.onLine ? "stale" : "live";
    if (page.dataset.live === live) return;
    page.dataset.live = live;
    if (notice) {
      const at = screen.querySelector("[data-at]");
      const words = notice.dataset.words;
      if (words) notice.textContent = live === "live" ? "" : words.replace("{time}", at ? at.dataset.at : "");
      notice.hidden = live === "live";
    }
    document.dispatchEvent(new CustomEvent("live", { detail: live }));
  }

  // Bring nothing more.
  function stop() {
    key = null;
    clearTimeout(retry);
    drop();
  }

  // Signed out, locked or taken away: nothing stays on this screen, and the server's own page says which. Where it does
  // not, as this window's history knows, it is not asked all the time.
  function leave() {
    const wait = (history.state?.left || 0) + SOON - Date.now();
    stop();
    page.replaceChildren();
    setTimeout(() => {
      history.replaceState({ ...history.state, left: Date.now() }, "");
      location.reload();
    }, Math.min(Math.max(0, wait), SOON));
  }

  const lifeOf = (html) => html.documentElement.dataset.edition?.split(".")[0];

  // The clinic's data are older ones now: nothing of this page is kept.
  function startAnew() {
    stop();
    page.replaceChildren();
    location.reload();
  }

  // What somebody typed here and has not sent. Fields that the browser itself keeps are not lost with the page.
  const typed = new Set();
  const isUnsent = (field) => field.isConnected && !("kept" in field.dataset) && field.value !== "";

  // Comes anew for another edition, once for each. Who may be disturbed says so by holding up "renewing".
  async function renew() {
    if (!newer || history.state?.renewed === newer || performance.now() < free) return;
    const disturbs = document.querySelector("dialog[open], [data-sending]") || [...typed].some(isUnsent);
    const may = !disturbs && document.dispatchEvent(new CustomEvent("renewing", { cancelable: true }));
    const line = document.getElementById("newer");
    if (line) line.hidden = may;
    if (!may) return;
    const mine = (free = performance.now() + SOON);
    try {
      // A browser shows a page of its own for one that cannot be had: so first see whether it can.
      const there = await fetch(location.href, { method: "HEAD", signal: AbortSignal.timeout(8000) });
      if (!there.ok || free !== mine) return;
    } catch {
      return; // the network went meanwhile: at a later look
    }
    history.replaceState({ ...history.state, renewed: newer }, "");
    stop();
    location.reload();
  }

  function turnTo(nextKey) {
    key = nextKey;
    seq = 0;
    if (socket) watch(socket);
  }

  function hold(milliseconds) {
    free = Math.max(free + 1, performance.now() + milliseconds);
  }

  setInterval(() => {
    ask();
    freshness();
    if (socket && (isDeaf() || performance.now() - heard > SILENCE)) connect();
    renew();
  }, LOOK);
  for (const kind of ["keydown", "pointerdown", "pointerover", "wheel", "scroll"]) {
    addEventListener(kind, () => hold(REST), { capture: true, passive: true });
  }
  addEventListener("input", ({ target }) => typed.add(target), true);
  addEventListener("beforeunload", () => hold(LEAVING));
  addEventListener("online", () => { wait = 300; connect(); });
  addEventListener("offline", freshness);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && performance.now() - heard > SILENCE) connect();
  });
  document.addEventListener("locked", stop);
  window.kindline = { show, watch: turnTo, leave, startAnew, lifeOf };
  if (key) connect();
})();
