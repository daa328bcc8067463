"use strict";
// Whoever types or presses something is there, though the server hears of it only once a form is sent. So it is told, once a minute
// at most: the screen locks after so long without a touch, never later. Two minutes before that the page says so.
(() => {
  const [WARNS, TELLS, LOOKS] = [120_000, 60_000, 5_000];  // ms: before the lock; at most so often; so often
  const told = document.getElementById("idle");
  const lock = Number(told.dataset.lock) * 1000;
  const [soon, over] = told.querySelectorAll("template");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let [tried, shown] = [Date.now(), null];

  const touched = (at) => localStorage.setItem("touched", at);  // in any window of this browser: they are one session
  const last = () => Number(localStorage.getItem("touched"));
  const look = () => {
    const left = last() + lock - Date.now();
    const words = left <= 0 ? over : left <= WARNS ? soon : null;
    if (words === shown) return;
    shown = words;
    told.hidden = !words;
    told.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
  };
  const tell = async (event) => {
    const now = Date.now();
    if (!event.isTrusted || now - Math.max(tried, last()) < TELLS) return;
    tried = now;
    const sent = { method: "POST", redirect: "manual", headers: { "X-CSRFToken": token } };
    const answer = await fetch(told.dataset.address, sent).catch(() => null);
    if (answer?.ok) touched(now);  // else it has locked, and the answer leads to the sign-in; or nobody answers
    look();
  };

  touched(tried);  // the page itself was asked for
  setInterval(look, LOOKS);
  for (const touch of ["keydown", "pointerdown"]) document.addEventListener(touch, tell, { capture: true, passive: true });
})();
