// What matters to me today: kept on this phone alone, as it is typed. Nothing here asks the server for anything.
(() => {
  "use strict";
  const PREFIX = "kindline-notes-";
  const DAY = 24 * 60 * 60 * 1000;
  const part = (id) => document.getElementById(id);
  const page = part("matters");
  // Notes are this link's own. The beginning of its secret tells links apart, and opens none.
  const name = PREFIX + (location.pathname.split("/")[2] || "").slice(0, 8);

  function tidy() { // another visit's notes end with its link, or after a day
    if (document.querySelector("[data-ended]")) localStorage.removeItem(name);
    for (const old of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX)))
      if (!(read(old).at > Date.now() - DAY)) localStorage.removeItem(old);
  }

  function read(kept) {
    try {
      return JSON.parse(localStorage.getItem(kept)) || {};
    } catch { // not something that we wrote
      return {};
    }
  }

  function show(id, focus) {
    for (const one of ["write", "sure", "read"]) part(one).hidden = one !== id;
    if (focus) part(focus).focus();
  }

  function open() {
    const fields = [...page.querySelectorAll("[data-note]")];
    const kept = part("kept");
    const say = (words) => { if (kept.textContent !== words) kept.textContent = words; }; // read aloud once

    function keep() {
      const words = Object.fromEntries(fields.map((field) => [field.dataset.note, field.value]));
      if (fields.every((field) => !field.value)) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ at: Date.now(), words }));
    }

    function readLarge() {
      for (const field of fields) {
        const section = page.querySelector(`[data-of="${field.dataset.note}"]`);
        section.hidden = !field.value.trim();
        section.querySelector("p").textContent = field.value;
      }
      part("nothing-yet").hidden = fields.some((field) => field.value.trim());
      show("read", "matters-title");
    }

    function clear() {
      for (const field of fields) field.value = "";
      keep();
      say(kept.dataset.cleared);
      show("write", "matters-title");
    }

    const words = read(name).words || {};
    for (const field of fields) {
      field.value = words[field.dataset.note] || "";
      field.addEventListener("input", () => { keep(); say(kept.dataset.words); });
    }
    part("show-notes").addEventListener("click", readLarge);
    part("write-more").addEventListener("click", () => show("write", "matters-title"));
    part("clear-notes").addEventListener("click", () => show("sure", "sure-words"));
    part("keep-notes").addEventListener("click", () => show("write", "clear-notes"));
    part("clear-now").addEventListener("click", clear);
    show("write");
  }

  try {
    tidy();
    if (page) open();
  } catch { // a browser that keeps nothing
    if (page) part("not-kept").hidden = false;
  }
})();
