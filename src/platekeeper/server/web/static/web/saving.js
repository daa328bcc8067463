"use strict";
// A form that is answered with a file leaves its page as it was, as if nothing had been done: the page says that it is being
// put together, and that it came, once the word sent along comes back with it as a cookie.
for (const form of document.querySelectorAll("form[data-saves]")) {
  const said = document.getElementById(form.dataset.saves);
  const [going, done] = [said.querySelector("[data-going]"), said.querySelector("[data-done]")];
  const word = Object.assign(document.createElement("input"), { type: "hidden", name: "saved" });
  form.append(word);
  let looking = 0;
  const show = (what) => {
    [form.hidden, said.hidden, going.hidden, done.hidden] = [what !== null, what === null, what !== going, what !== done];
    if (what) said.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    if (!document.cookie.split("; ").includes(`saved=${word.value}`)) return;
    clearInterval(looking);
    document.cookie = "saved=; path=/; max-age=0";
    show(done);
  };
  form.addEventListener("submit", () => {
    word.value = `${Date.now()}${Math.random()}`.replace(/\W/g, "");
    setTimeout(() => { show(going); looking = setInterval(look, 250); }, 0);  // the form is read before it is put away
  });
  window.addEventListener("pageshow", (event) => {  // the browser came back to it
    if (event.persisted) { clearInterval(looking); show(null); }
  });
}
