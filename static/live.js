// Keeps this page's screen current over one websocket, and says so plainly when it cannot.
// Engine.IO 4 and Socket.IO 5 need five short messages here; the full client would be half of a phone page's weight.
(() => {
  "use strict";
  const SILENCE = 8000; // ms without a word, pings included, after which the page is stale
  const LOST = 120000; // ms after which numbers of minutes are no longer worth showing
  const CUT = 3000; // ms without any connection, likewise
  const OPENING = 4000; // ms a connection may take to open
  const SOON = 10000; // ms between two times that a page comes anew because it may not be watched
  const page = document.body;
  const screen = document.getElementById("screen");
  const notice = document.getElementById("stale");
  let key = page.dataset.key;
  let seq = Number(page.dataset.seq || 0);
  let socket = null;
  let heard = performance.now();
  let cut = 0;
  let ready = false;
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
    if (socket) socket.onclose = socket.onmessage = null, socket.close();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = (socket = new WebSocket(`${scheme}//${location.host}/socket.io/?EIO=4&transport=websocket`));
    // That was patience enough: the next attempt starts at once.
    const late = setTimeout(() => { if (mine === socket) connect(); }, OPENING);
    mine.onmessage = (event) => {
      heard = performance.now();
      receive(mine, event.data, late);
    };
    mine.onclose = () => {
      clearTimeout(late);
      if (mine !== socket) return;
      socket = null;
      ready = false;
      cut = cut || performance.now();
      retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 1.6, 2000);
    };
  }

  function receive(mine, text, late) {
    const kind = text.slice(0, 2);
    if (text[0] === "2") return mine.send("3");
    if (text[0] === "0") return mine.send("40");
    if (kind === "40") {
      seq = 0; // after a restart or a restore, what the server has is what counts
      return mine.send("420" + JSON.stringify(["watch", key]));
    }
    // Not let in now, or sent away: come again, and be told why.
    if (kind === "41" || kind === "44") return mine.close();
    if (kind === "43") {
      clearTimeout(late);
      wait = 300;
      cut = 0;
      ready = true;
      const [now] = JSON.parse(text.slice(text.indexOf("[")));
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

  function freshness() {
    const silent = performance.now() - heard;
    const gone = cut && performance.now() - cut > CUT;
    const live = silent > LOST ? "lost" : silent > SILENCE || gone || !navigator.onLine ? "stale" : "live";
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
    if (socket) socket.onclose = socket.onmessage = null, socket.close();
    socket = null;
  }

  // Signed out, locked or taken away: nothing stays on this screen, and the server's own page says which. Where it does
  // not, as this window's history knows, it is not asked all the time.
  function leave() {
    const wait = (history.state?.left || 0) + SOON - Date.now();
    stop();
    page.replaceChildren();
    setTimeout(() => {
      history.replaceState({ left: Date.now() }, "");
      location.reload();
    }, Math.min(Math.max(0, wait), SOON));
  }

  function watchAgain(nextKey) {
    key = nextKey;
    seq = 0;
    if (ready) socket.send("420" + JSON.stringify(["watch", key]));
  }

  setInterval(() => {
    freshness();
    if (socket && performance.now() - heard > SILENCE && socket.readyState === WebSocket.OPEN) connect();
  }, 1000);
  addEventListener("online", () => { wait = 300; connect(); });
  addEventListener("offline", freshness);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && performance.now() - heard > SILENCE) connect();
  });
  document.addEventListener("locked", stop);
  window.kindline = { show, watch: watchAgain, leave };
  if (key) connect();
})();
