// The console's hands: commands without a reload, forms that open over the page, the filter, keys and undo.
(() => {
  "use strict";
  const UNDO = 10000; // ms the undo stands
  const SETTLE = 600; // ms in which a room's card takes no second press: another button stands there by then
  const body = document.body;
  const dialog = document.getElementById("dialog");
  const inside = document.getElementById("dialog-body");
  const search = document.getElementById("search");
  const toast = document.getElementById("toast");
  const problem = document.getElementById("problem");
  const keys = document.getElementById("keys");
  const who = document.getElementById("who");
  let filter = "";
  let fading = 0;
  let settled = 0;

  const fresh = () => crypto.randomUUID?.() || [...crypto.getRandomValues(new Uint32Array(4))].join("-");

  async function send(form, button) {
    const data = new URLSearchParams(new FormData(form));
    if (button?.name) data.append(button.name, button.value);
    // The same tap sent again after a lost answer is counted once. A form may hold buttons with addresses of their own.
    const tap = button || form;
    tap.dataset.request = tap.dataset.request || fresh();
    data.set("request", tap.dataset.request);
    if (form.elements.help && who?.value.trim()) data.set("who", who.value.trim()); // the patient reads who comes
    if (form.dataset.sending) return;
    form.dataset.sending = "yes"; // not disabled: that would lose the keyboard's place
    button?.setAttribute("aria-busy", "true"); // seen at once, however long the answer takes
    try {
      const answer = await fetch((button?.getAttribute("formaction") || form.getAttribute("action")) + location.search, {
        method: "POST",
        body: data,
        headers: {
          Accept: "application/json",
          "X-Kindline-Screen": body.dataset.key,
          "Kindline-Life": window.kindline.lifeOf(document),
        },
        signal: AbortSignal.timeout(8000),
      });
      const said = await answer.json();
      delete tap.dataset.request;
      if (said.code === "restored") return window.kindline.startAnew();
      if (!answer.ok) return refuse(said.message);
      if (dialog.open) close();
      settled = performance.now() + SETTLE;
      window.kindline.show(said.screen);
      tell(said.said, said.undo);
    } catch {
      refuse(document.getElementById("offline-words").content.textContent);
    } finally {
      delete form.dataset.sending;
      button?.removeAttribute("aria-busy");
    }
  }

  function tell(words, undo) {
    problem.hidden = true;
    clearTimeout(fading);
    toast.hidden = !words;
    toast.firstElementChild.innerHTML = words || ""; // as the server wrote it: numbers stay left to right
    const form = toast.querySelector("form");
    form.hidden = !undo;
    delete document.getElementById("undo").dataset.request;
    if (undo) {
      form.elements.visit.value = undo.visit;
      form.elements.seq.value = undo.seq;
    }
    fading = setTimeout(() => { toast.hidden = true; }, UNDO);
  }

  function refuse(words) {
    const where = dialog.open ? place() : problem;
    where.firstElementChild.textContent = words;
    where.hidden = false;
  }

  // Inside an open form the words stand in the form, next to what was typed.
  function place() {
    let node = inside.querySelector(".form-problem");
    if (!node) {
      node = document.createElement("p");
      node.className = "problem form-problem";
      node.setAttribute("role", "alert");
      node.append(document.createElement("span"));
      inside.querySelector("h2").after(node);
    }
    return node;
  }

  async function open(link) {
    try {
      const answer = await fetch(link.getAttribute("href") + location.search, { signal: AbortSignal.timeout(8000) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const form = page.getElementById("screen") || page.querySelector("main");
      inside.replaceChildren(...form.childNodes);
      if (!dialog.open) dialog.showModal();
      (inside.querySelector("[autofocus]") || inside.querySelector("button, select, input")).focus();
    } catch {
      refuse(document.getElementById("offline-words").content.textContent);
    }
  }

  function close() {
    dialog.close();
    inside.replaceChildren();
  }

  // Nobody types every accent.
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

  function sift() {
    const asked = plain(search.value.trim());
    const shorter = asked.replace(/\s/g, "");
    let seen = 0;
    const rows = document.querySelectorAll("tbody tr[data-find]");
    for (const row of rows) {
      const known = plain(row.dataset.find);
      const found = !asked || known.includes(asked) || known.includes(shorter);
      const fits = found && (!filter || row.classList.contains(filter));
      row.classList.toggle("filtered", !fits);
      seen += fits;
    }
    document.getElementById("nothing").hidden = seen > 0 || rows.length === 0;
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.setAttribute("aria-pressed", String(button.dataset.filter === filter));
    }
  }

  function press(key) {
    if (key === "/") return search.focus(), search.select(), true;
    if (key === "c" && document.getElementById("new")) return open(document.getElementById("new")), true;
    if (key === "l" && document.getElementById("lock")) return document.getElementById("lock").click(), true;
    if (key === "u" && !toast.hidden && !toast.querySelector("form").hidden) return document.getElementById("undo").click(), true;
    if (key >= "1" && key <= "9") {
      const card = document.querySelectorAll(".room")[key - 1];
      const button = card?.querySelector("[id^=do-]:not([disabled])");
      if (button) return button.click(), true;
    }
    return false;
  }

  document.addEventListener("submit", (event) => {
    if ("plain" in event.target.dataset) return; // a whole page of its own answers this one
    event.preventDefault();
    if (event.target.closest(".room") && performance.now() < settled) return;
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link) return event.preventDefault(), open(link);
    if (event.target.closest("[data-close]")) return event.preventDefault(), close();
    const button = event.target.closest("[data-filter]");
    if (button) { filter = button.dataset.filter; sift(); }
  });
  document.getElementById("understood").addEventListener("click", () => { problem.hidden = true; });
  search.addEventListener("input", sift);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; sift(); search.blur(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return; // a key held down is one press
    const typing = event.target.closest("input, select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || body.classList.contains("keys-off")) return;
    if (press(event.key)) event.preventDefault();
  });
  // How many are expected stands in the header, which is never morphed: nobody's focus is lost there.
  function countExpected() {
    const now = document.querySelector("[data-expected]");
    const count = document.getElementById("expected-count");
    if (now && count) count.textContent = now.dataset.expected;
  }

  document.addEventListener("screen", () => { sift(); countExpected(); });

  // Single keys can be turned off: they trouble people who speak to their computer (WCAG 2.1.4).
  keys.hidden = false;
  function keysAre(on) {
    body.classList.toggle("keys-off", !on);
    keys.setAttribute("aria-pressed", String(on));
    localStorage.setItem("kindline-keys", on ? "on" : "off");
  }
  keys.addEventListener("click", () => keysAre(body.classList.contains("keys-off")));
  keysAre(localStorage.getItem("kindline-keys") !== "off");

  // Who sits at this browser, until they change it: what patients read when somebody comes to them.
  if (who) { // the console has this field, the day's list does not
    document.getElementById("who-label").hidden = false;
    // Each account has its own at a desk that several share; it begins as the account's first name.
    const theirs = who.dataset.whose ? `kindline-who-${who.dataset.whose}` : "kindline-who";
    who.value = localStorage.getItem(theirs) ?? who.value;
    who.addEventListener("input", () => localStorage.setItem(theirs, who.value));
  }
  sift();
})();
