// The one button of a page that is for paper. Without scripts the browser's own menu prints it as well.
(() => {
  "use strict";
  const button = document.getElementById("print");
  button.hidden = false;
  button.addEventListener("click", () => print());
})();
