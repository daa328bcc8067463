// What a live screen says while no answer comes: a screen that stands still looks like one on which nothing happens.
(() => {
  "use strict";
  const silence = document.getElementById("silence");
  let heard = new Date();
  const time = (at) => at.toTimeString().slice(0, 5);
  const isLive = ({ detail }) => "live" in detail.elt.dataset;

  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((lost) => document.body.addEventListener(lost, (event) => {
    if (!isLive(event) || !silence.hidden) return;
    silence.textContent = silence.dataset.says.replace("HH:MM", time(heard));
    silence.hidden = false;
  }));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!isLive(event) || !event.detail.successful) return;
    heard = new Date();
    silence.hidden = true;
  });
})();
