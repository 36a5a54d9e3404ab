// The tablet's own keys: digits for a date or a number, letters for a name or a code; and codes that a scanner types.
(() => {
  "use strict";
  const SCANNED = 60; // ms from one letter to the next: a scanner takes less, a hand more
  const SHORTEST = 6; // letters of a code
  let box = null; // where the digits go
  let anew = false; // whether the next digit begins that box again
  let touched = false; // whether a finger did what was done last, not a keyboard
  let burst = null; // what may be a scan so far: its letters, when the last one came, and the field it runs into

  const byId = (id) => document.getElementById(id);
  const isFull = (field) => field.dataset.digits && new RegExp(`^(${field.dataset.digits})$`).test(field.value);

  function arrived() {
    for (const node of document.querySelectorAll("#keypad, #keys, #other-letters, .with-scripts")) node.hidden = false;
    const boxes = [...document.querySelectorAll("[data-digits]")];
    choose(boxes.find((one) => one.ariaInvalid === "true") || boxes[0]);
    for (const one of boxes) one.inputMode = "none"; // our keys are there; the device's would cover them
    const ask = byId("born")?.dataset.ask;
    if (ask && ask !== "year") turnTo(ask);
    nameOthers();
  }

  function choose(next) {
    box?.removeAttribute("data-current");
    box = next;
    anew = true;
    box?.setAttribute("data-current", "");
  }

  // The date and the letter are two halves of one page.
  function turnTo(half) {
    byId("born").dataset.phase = half;
    if (half === "date") { choose(byId("day")); if (!touched) return; }
    const heading = document.querySelector(half === "letter" ? ".typed-letter h2" : ".typed h1");
    if (half === "letter" && !touched && document.activeElement !== document.body) byId("letter").focus();
    else heading.focus({ preventScroll: true });
  }

  function digit(key) {
    if (!box?.isConnected) return;
    if (key) box.value = anew || isFull(box) ? key : (box.value + key).slice(0, box.maxLength);
    else if (box.value || !before(box)) box.value = "";
    else { choose(before(box)); box.value = ""; }
    anew = false;
    if (key && isFull(box)) follow(box);
  }

  function before(field) {
    const boxes = [...document.querySelectorAll("[data-digits]")];
    return boxes[boxes.indexOf(field) - 1];
  }

  function follow(field) {
    if (field.dataset.then === "letter") return turnTo("letter");
    if (field.dataset.then) return choose(byId(field.dataset.then));
    send(field.form);
  }

  function letter(key) {
    const field = byId(byId("keys").dataset.into);
    if (field.id !== "letter") { field.value = key ? field.value + key : ""; return; }
    field.value = key;
    send(field.form);
  }

  // A second tap of an impatient hand is not a second try.
  function send(form) {
    if ("sent" in form.dataset) return;
    form.dataset.sent = "";
    form.requestSubmit();
  }

  function otherLetters() {
    const alphabets = [...document.querySelectorAll("#keys .alphabet")];
    const shown = alphabets.findIndex((one) => !one.hidden);
    alphabets.forEach((one, n) => { one.hidden = n !== (shown + 1) % alphabets.length; });
    nameOthers();
  }

  function nameOthers() {
    const next = [...document.querySelectorAll("#keys .alphabet")].find((one) => one.hidden);
    const key = document.querySelector("#other-letters .sample");
    if (next && key) key.textContent = [...next.querySelectorAll("[data-letter]")].slice(0, 3).map((one) => one.dataset.letter).join(" ");
  }

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit], [data-letter], #other-letters, #change-date");
    if (!key) return;
    if ("digit" in key.dataset) digit(key.dataset.digit);
    else if ("letter" in key.dataset) letter(key.dataset.letter);
    else if (key.id === "other-letters") otherLetters();
    else turnTo("date");
  });
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-digits]")) choose(event.target); });
  document.addEventListener("pointerdown", () => { touched = true; }, true);

  // "Next" leads through the date before it asks the server.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.phase !== "date") return;
    const [day, month] = [byId("day"), byId("month")];
    const toMonth = box === day && day.value && !month.value;
    if (!toMonth && !(day.value && month.value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!toMonth) return turnTo("letter");
    choose(month);
    if (!touched) month.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    touched = false;
    if (!byId("scan") || event.ctrlKey || event.altKey || event.metaKey) return;
    const soon = burst && event.timeStamp - burst.at < SCANNED;
    if (event.key === "Enter") {
      if (soon && burst.text.length >= SHORTEST) scanned(event);
      burst = null;
    } else if (event.key.length === 1) {
      const field = document.activeElement.matches("input") ? document.activeElement : null;
      if (!soon) burst = { text: "", field, before: field?.value };
      burst.text += event.key;
      burst.at = event.timeStamp;
    }
  }, true);

  function scanned(event) {
    event.preventDefault();
    if (burst.field) burst.field.value = burst.before;
    const form = byId("scan");
    form.elements.code.value = burst.text;
    form.requestSubmit();
  }

  document.addEventListener("arrived", arrived);
})();
