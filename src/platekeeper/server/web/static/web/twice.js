"use strict";
// A form is sent once: the second press of a double click, or an impatient one, would make a second of what the first makes. Its
// button stays as it is, for its words go along. A form that is answered with a file puts itself away (`saving.js`).
(() => {
  const FOR = 20_000;  // ms; after that a press is meant: the answer was stopped, or was a file and left the page as it was
  const again = (form) => { delete form.dataset.sent; };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post" || "saves" in form.dataset) return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "";
    setTimeout(again, FOR, form);
    setTimeout(() => { if (event.defaultPrevented) again(form); }, 0);
  }, { capture: true });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(again));
})();
