// Hands the companion's address on: by the phone's own share sheet, or by copying it.
(() => {
  "use strict";
  const address = document.getElementById("address");
  const send = document.getElementById("send-it");
  const copy = document.getElementById("copy-it");
  const said = document.getElementById("copied");
  if (send && navigator.share) {
    send.hidden = false;
    send.addEventListener("click", () => {
      navigator.share({ title: send.dataset.words, url: address.value }).catch(() => {}); // they thought better of it
    });
  }
  copy.hidden = false;
  copy.addEventListener("click", () => {
    address.select();
    // The newer clipboard is for https only, and many clinics' own networks are plain http.
    const done = document.execCommand("copy");
    said.textContent = done ? said.dataset.words : said.dataset.byHand;
  });
})();
