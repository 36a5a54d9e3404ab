// Turns the tablet's pages without leaving a history behind, clears them when nobody is there, and never leaves a
// person in front of a dead screen.
(() => {
  "use strict";
  const IDLE = 45000; // ms without a touch before we ask
  const ASKING = 30000; // ms the question stands
  const RESULT = 20000; // ms a result stays
  const HELP = 120000; // ms the page stays on which somebody waits for a person; it holds nothing private
  const RETRY = 20000; // ms a tap already made is sent again; then the person is at the desk
  const SEEN = 100; // ms until a tap that is not answered yet is seen to have been taken
  const PATIENCE = 3000; // ms before we say that the desk can help
  const TOUCH = 300; // ms from a finger's lifting until its tap has surely landed
  const RESULTS = ["ticket", "standing", "help", "problem"];
  const body = document.body;
  const home = body.dataset.home;
  const busy = document.getElementById("busy");
  const idle = document.getElementById("idle");
  const screen = document.getElementById("screen");
  const stale = document.getElementById("stale");
  let timer = 0;
  let clearing = 0;
  let before = null; // what had the keyboard when a sheet came over the page
  let turning = null;

  function fresh() {
    for (const field of document.querySelectorAll("[data-fresh]")) field.value = crypto.randomUUID?.() || random();
  }

  function random() {
    return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");
  }

  // One page turn. The same request is sent again after a failure: the server counts it once.
  async function turn(url, options, patient) {
    const mine = (turning = {});
    const waiting = setTimeout(() => { busy.hidden = false; }, SEEN);
    const late = setTimeout(() => { if (mine === turning) offline(true); }, PATIENCE);
    const end = performance.now() + RETRY;
    while (mine === turning) {
      try {
        const answer = await fetch(url, { ...options, signal: AbortSignal.timeout(8000) });
        const text = await answer.text();
        if (mine !== turning) break;
        if (answer.status === 401 || answer.status === 403) return window.kindline.leave(); // no tablet of the house any more
        const page = new DOMParser().parseFromString(text, "text/html");
        // The clinic's data are older ones now, and hold nothing of what was under way here.
        if (window.kindline.lifeOf(page) !== window.kindline.lifeOf(document)) return window.kindline.startAnew();
        if (put(page)) offline(false);
        else comeBack();
        break;
      } catch {
        if (!patient || performance.now() > end) { comeBack(); break; }
        await new Promise((again) => setTimeout(again, 1500));
      }
    }
    clearTimeout(waiting);
    clearTimeout(late);
    busy.hidden = true;
    if (mine === turning) turning = null;
  }

  // Send people to the desk, and try until the welcome page can be had again.
  function comeBack() {
    offline(true);
    setTimeout(goHome, PATIENCE);
  }

  // Show this page; answers whether it was one of ours.
  function put(page) {
    const next = page.getElementById("screen");
    if (!next) return false;
    document.documentElement.lang = page.documentElement.lang;
    document.documentElement.dir = page.documentElement.dir;
    if (page.documentElement.className.startsWith("kiosk")) document.documentElement.className = page.documentElement.className;
    for (const id of ["idle", "stale", "busy", "open-doors"]) {
      const words = page.getElementById(id);
      if (words) document.getElementById(id).innerHTML = words.innerHTML;
    }
    screen.replaceChildren(...next.childNodes);
    for (const name of ["key", "seq", "step", "lang", "size"]) body.dataset[name] = page.body.dataset[name] || "";
    if ("still" in page.body.dataset || !page.body.dataset.key) body.dataset.still = ""; else delete body.dataset.still;
    if (page.body.dataset.key) window.kindline.watch(page.body.dataset.key);
    arrived();
    return true;
  }

  function arrived() {
    fresh();
    scrollTo(0, 0);
    before = document.querySelector("[aria-invalid=true]") || screen;
    before.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("arrived"));
    rest();
  }

  function goHome() {
    turning = null;
    return turn(home, {}, false);
  }

  function offline(is) {
    if (is) busy.hidden = true;
    stale.hidden = !is && body.dataset.live !== "stale" && body.dataset.live !== "lost";
  }

  // Results clear by themselves; other steps ask first. A touch anywhere starts the time anew.
  function rest() {
    clearTimeout(timer);
    clearTimeout(clearing);
    carryOn();
    const step = body.dataset.step;
    if (RESULTS.includes(step)) { timer = setTimeout(goHome, step === "help" ? HELP : RESULT); return; }
    if (isWelcome()) return;
    timer = setTimeout(() => {
      idle.hidden = false;
      cover();
      document.getElementById("carry-on").focus();
      window.chime();
      clearing = setTimeout(goHome, ASKING);
    }, IDLE);
  }

  const isWelcome = () => body.dataset.step === "start" && body.dataset.lang === firstLang && body.dataset.size === "normal";

  function carryOn() {
    if (idle.hidden) return;
    idle.hidden = true;
    cover();
  }

  // Behind a sheet nothing can be reached by keyboard either. When the last one is gone the keyboard is where it was.
  function cover() {
    const covered = !stale.hidden || !idle.hidden;
    if (covered === screen.inert) return;
    if (covered) before = document.activeElement;
    screen.inert = covered;
    if (!covered && before?.isConnected) before.focus({ preventScroll: true });
  }

  // The touch or key that answers the question does nothing else: the question stays under the finger until it is lifted.
  function touched() {
    const asked = !idle.hidden;
    rest();
    if (asked) idle.hidden = false;
  }

  function typed(event) {
    if (!idle.hidden) event.preventDefault();
    rest();
  }

  function submit(form, button) {
    const data = new URLSearchParams(new FormData(form));
    if (button?.name) data.append(button.name, button.value);
    const action = button?.getAttribute("formaction") || form.getAttribute("action");
    if (form.method === "get") return turn(`${action}?${data}`, {}, false);
    return turn(action, { method: "POST", body: data, headers: { "Kindline-Life": window.kindline.lifeOf(document) } }, true);
  }

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link) {
      event.preventDefault();
      return turn(link.getAttribute("href"), {}, false);
    }
  });
  // Who wants large letters reads the rest of the page in them.
  document.addEventListener("change", ({ target }) => {
    if (!("large" in target.dataset)) return;
    body.dataset.size = target.checked ? "large" : "normal";
    document.documentElement.className = `kiosk ${body.dataset.size}`;
    for (const field of document.querySelectorAll("[name=size]")) field.value = body.dataset.size;
  });
  document.addEventListener("pointerdown", touched, true);
  document.addEventListener("keydown", typed, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(carryOn, TOUCH), true);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
  document.addEventListener("live", (event) => { if (event.detail === "live") offline(false); });
  document.addEventListener("screen", () => fresh());
  // Another edition of this page waits until the welcome stands alone.
  document.addEventListener("renewing", (event) => {
    if (!isWelcome() || turning || !stale.hidden) event.preventDefault();
  });
  // The visit's page has ended, or another day began: nothing to show here any more.
  document.addEventListener("refused", goHome);
  new MutationObserver(cover).observe(body, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
  addEventListener("pageshow", (event) => { if (event.persisted) goHome(); });

  const firstLang = body.dataset.lang;
  if (navigator.wakeLock) {
    const awake = () => document.hidden || navigator.wakeLock.request("screen").catch(() => { body.dataset.awake = "refused"; });
    document.addEventListener("visibilitychange", awake);
    awake();
  }
  arrived();
})();
