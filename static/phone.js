// The phone's own manners: title, colour of the browser's bar, sound and vibration for a call, once each.
(() => {
  "use strict";
  const theme = document.querySelector("meta[name=theme-color]");
  const seen = "kindline-call";
  function turn() {
    const ticket = document.getElementById("ticket");
    if (!ticket || !ticket.dataset.state) return;
    document.title = ticket.dataset.title;
    theme.content = ticket.dataset.state === "called" ? "#FFD23F" : "#F6F4EF";
    const call = Number(ticket.dataset.call || 0);
    if (call <= Number(sessionStorage.getItem(seen) || 0)) return;
    sessionStorage.setItem(seen, call);
    if (navigator.vibrate) navigator.vibrate([400, 200, 400, 200, 400]);
    window.chime();
    scrollTo(0, 0);
  }
  document.addEventListener("screen", turn);
  // A tap is seen at once, however long its page takes to come.
  document.addEventListener("submit", ({ submitter }) => submitter?.setAttribute("aria-busy", "true"));
  addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy")));
  document.addEventListener("refused", () => location.reload()); // the link has ended: the server's page says so
  turn();
})();
