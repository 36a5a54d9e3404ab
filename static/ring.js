// Rings for who calls for help, on the console and on a locked desk: a new call at once, and what nobody takes again and
// louder; who feels worse rings full at once.
(() => {
  "use strict";
  const AGAIN = 20000; // ms after which a call for help that nobody has taken rings again
  const LOUDER = [0.5, 0.75, 1, 1.3, 1.6]; // how loud it rings the first time, the second, and so on
  const rung = new Map(); // how often each such call has rung
  let ringing = 0;

  function ring(again = false) {
    const open = [...document.querySelectorAll("[data-help]")];
    const called = (node) => node.dataset.help + ("worse" in node.dataset ? " worse" : ""); // worse now rings anew
    const known = new Set(open.map(called));
    for (const help of [...rung.keys()]) if (!known.has(help)) rung.delete(help);
    const due = open.filter((node) => again || !rung.has(called(node)));
    let loud = 0;
    for (const node of due) {
      const times = rung.get(called(node)) || 0;
      rung.set(called(node), times + 1);
      const last = LOUDER.length - 1;
      loud = Math.max(loud, LOUDER["worse" in node.dataset ? last : Math.min(times, last)]);
    }
    if (due.length) sound(loud);
    if (due.length || !open.length) {
      clearTimeout(ringing);
      ringing = open.length ? setTimeout(ring, AGAIN, true) : 0;
    }
  }

  // Where a browser does not let the page be heard, the page says so if it has words for it.
  function sound(loud) {
    const quiet = document.getElementById("quiet");
    const heard = window.chime(loud);
    if (quiet) quiet.hidden = heard;
  }

  document.addEventListener("screen", () => ring());
  ring();
})();
