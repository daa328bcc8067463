// The screens that go on by themselves, each with an element marked `data-live` that asks. Of an answer only what changed is put in:
// into the element itself, or into the parts of the page that the answer names (`data-part`). What else stands there stays, with
// the focus and what is typed; nothing moves under a press, and what has just moved takes no press of a button. While no answer comes, it
// says so: a screen that stands still looks like one on which nothing happens.
(() => {
  "use strict";
  const SETTLES = 700; // milliseconds in which a finger on its way is still meant for what stood there before
  const HELD = 5000; // a press whose end is never told (outside of the window) holds what it is on no longer
  const silence = document.getElementById("silence");
  const said = new WeakMap(); // what the server said of each child
  const typed = new WeakSet();
  const unanswered = new Set(); // what asked and had no answer since
  let heard = new Date(), heldUntil = 0, settling = 0;

  const isLive = ({ detail }) => "live" in detail.elt.dataset;
  const answered = ({ detail }) => {
    unanswered.delete(detail.elt);
    if (unanswered.size) return;
    heard = new Date();
    if (silence) silence.hidden = true;
  };
  const time = (at) => at.toTimeString().slice(0, 5);
  // Each answer's forms have a token of their own, and a date is held together once it stands here (tables.js): neither is a change.
  const words = (child) => child.outerHTML.replace(/(name="csrfmiddlewaretoken" value=)"[^"]*"|<span class="day">([^<]*)<\/span>/g, "$1$2");
  const note = (child) => { said.set(child, words(child)); return child; };
  const controls = (row) => [row, ...row.querySelectorAll("a, button, input, select, summary")];
  const isBusy = (child) => [...child.querySelectorAll("input, select, textarea")].some((field) => typed.has(field) || field === document.activeElement);
  const stands = (child) => [...child.querySelectorAll("[id]")].some(({ id }) => document.getElementById(id));

  // Makes a part's children those of an answer; says whether any came, went or moved. One that is being typed into stays.
  function patch(part, answer) {
    const next = [...answer.children], left = [...part.children];
    const kept = next.map((child) => {
      const at = left.findIndex((each) => said.get(each) === words(child));
      return at < 0 ? null : left.splice(at, 1)[0];
    });
    const gone = left.filter((child) => !isBusy(child));
    gone.forEach((child) => child.remove());
    let at = part.firstElementChild, moved = gone.length > 0;
    next.forEach((child, number) => {
      const same = kept[number];
      while (same && at !== same && left.includes(at)) at = at.nextElementSibling;
      if (same && at === same) at = at.nextElementSibling;
      else if (same || !stands(child)) {
        part.insertBefore(same ?? note(child), at);
        moved = true;
      }
    });
    if (answer.className !== undefined) part.className = answer.className;
    return moved;
  }

  function put(live, content) {
    const answer = document.createElement("template"), before = document.activeElement, row = before.closest("[data-hit]");
    const nth = row ? controls(row).indexOf(before) : -1;
    answer.innerHTML = content;
    const named = [...answer.content.querySelectorAll("[data-part]")];
    const moved = named.length
      ? named.map((part) => patch(document.querySelector(`[data-part="${part.dataset.part}"]`), part)).some(Boolean)
      : patch(live, answer.content);
    if (!moved) return;
    if (row && document.activeElement !== before) {
      const again = document.querySelector(`[data-hit="${row.dataset.hit}"]`);
      if (again) controls(again)[nth]?.focus({ preventScroll: true });
    }
    document.body.classList.add("is-settling");
    clearTimeout(settling);
    settling = setTimeout(() => document.body.classList.remove("is-settling"), SETTLES);
    document.dispatchEvent(new Event("live:moved"));
  }

  document.querySelectorAll("[data-live], [data-part]").forEach((part) => [...part.children].forEach(note));
  document.addEventListener("input", ({ target }) => typed.add(target));
  document.addEventListener("pointerdown", ({ target }) => { if (target.closest("[data-live], [data-part]")) heldUntil = Date.now() + HELD; });
  ["pointerup", "pointercancel"].forEach((end) => document.addEventListener(end, () => { heldUntil = 0; }));
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!isLive(event) || !event.detail.shouldSwap) return;
    event.detail.shouldSwap = false;
    answered(event); // here as well: what is put in may take away what asked, and nothing is heard of it then
    if (Date.now() >= heldUntil) put(event.detail.elt, event.detail.serverResponse);
  });

  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((lost) => document.body.addEventListener(lost, (event) => {
    if (!isLive(event)) return;
    if (event.detail.xhr.status === 403) location.reload(); // the page says why, once: each refusal is logged
    unanswered.add(event.detail.elt);
    if (!silence?.hidden) return;
    silence.textContent = silence.dataset.says.replace("HH:MM", time(heard));
    silence.hidden = false;
  }));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (isLive(event) && event.detail.successful) answered(event);
  });
})();
