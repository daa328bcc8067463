"use strict";
// A form that is answered with a file leaves its page as it was, as if nothing had been done: the page says so instead.
for (const form of document.querySelectorAll("form[data-saves]")) {
  const said = document.getElementById(form.dataset.saves);
  const over = (is) => { form.hidden = is; said.hidden = !is; };
  form.addEventListener("submit", () => setTimeout(() => { over(true); said.scrollIntoView({ block: "nearest" }); }, 500));
  window.addEventListener("pageshow", (event) => { if (event.persisted) over(false); });  // the browser came back to it
}
