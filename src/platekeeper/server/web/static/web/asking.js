"use strict";
// A search that runs: how long it has taken, and a button that stops it here and on the server.
(() => {
  const told = document.querySelector(".asking");
  const form = told.closest("form");
  const line = told.querySelector("progress");
  let begun = 0;
  let clock = null;

  const [searching, stopped] = told.querySelectorAll("div");
  const button = form.querySelector("[type=submit]");

  const rest = () => { clearInterval(clock); searching.hidden = true; delete form.dataset.sent; };  // it may be asked anew
  form.addEventListener("submit", () => {
    begun = performance.now();
    searching.hidden = false;
    stopped.hidden = true;
    line.value = 0;
    clock = setInterval(() => { line.value = (performance.now() - begun) / 1000; }, 200);
  });
  told.querySelector("button").addEventListener("click", async () => {
    const token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
    await fetch(told.dataset.stop, { method: "POST", headers: { "X-CSRFToken": token } });
    window.stop();
    button.focus();
    rest();
    stopped.hidden = false;
  });
  window.addEventListener("pageshow", rest);  // also where the browser comes back to the page as it was
})();
