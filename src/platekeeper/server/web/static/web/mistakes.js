"use strict";
// Leads to what is wrong in a form that came back: on a phone, or beneath a long list, nobody would see it.
(() => {
  const wrong = document.querySelector("main [aria-invalid=true], main .errorlist, main [data-wrong]");
  if (!wrong || document.querySelector("[autofocus]")) return;
  for (let within = wrong.closest("details"); within; within = within.parentElement.closest("details")) within.open = true;
  if (wrong.matches(".errorlist")) wrong.tabIndex = -1;
  wrong.scrollIntoView({ block: "center" });
  wrong.focus({ preventScroll: true });
})();
