// Choosing the file of a list: refused at once when it is too large, taken when dropped anywhere on its frame.
(() => {
  "use strict";
  const details = document.getElementById("bring");
  const form = details.querySelector("form");
  const file = document.getElementById("file");
  const problem = document.getElementById("file-problem");
  const frame = form.querySelector(".drop");

  function chosen() {
    const tooLarge = file.files.length > 0 && file.files[0].size > Number(form.dataset.largest);
    problem.textContent = tooLarge ? problem.dataset.words : "";
    problem.hidden = !tooLarge;
    if (tooLarge) file.value = "";
  }

  file.addEventListener("change", chosen);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    frame.addEventListener(kind, (event) => {
      event.preventDefault();
      frame.classList.toggle("over-it", kind === "dragover");
      if (kind !== "drop" || !event.dataTransfer.files.length) return;
      file.files = event.dataTransfer.files;
      chosen();
    });
  }
  if (location.hash === "#bring") details.open = true;
})();
