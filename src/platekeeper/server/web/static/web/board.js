// The live board: keys to move, a tone for urgent hits, the count in the title. Everything else is HTML.
(() => {
  "use strict";
  const alarms = document.getElementById("alarms");
  const button = document.getElementById("sound");
  const title = document.title;
  const links = () => [...alarms.querySelectorAll("a.alarm")];
  let known = new Set(links().map((link) => link.dataset.hit));
  let audio = null;
  let focused = null;
  let shown = null;
  let heldUntil = 0;

  const tone = () => {
    if (!audio) return;
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
    oscillator.frequency.value = 880;
    gain.gain.setValueAtTime(0.25, audio.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start();
    oscillator.stop(audio.currentTime + 0.6);
  };
  const setSound = (on) => {
    audio = on ? new AudioContext() : null;
    button.setAttribute("aria-pressed", String(on));
    localStorage.setItem("sound", on ? "on" : "");
    if (on) tone();
  };
  const count = () => { document.title = `(${links().length}) ${title}`; };

  button.addEventListener("click", () => setSound(!audio));
  // Browsers give sound only after a gesture; whoever had it on gets it back with the first key or click.
  if (localStorage.getItem("sound")) document.addEventListener("pointerdown", () => { if (!audio) setSound(true); }, { once: true });

  // What a finger is on stays where it is: alarms are put in anew only when they changed, and not under a press. A press whose
  // end is never told (outside of the window) holds them no longer than five seconds.
  alarms.addEventListener("pointerdown", () => { heldUntil = Date.now() + 5000; });
  ["pointerup", "pointercancel"].forEach((end) => document.addEventListener(end, () => { heldUntil = 0; }));
  alarms.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (Date.now() < heldUntil || detail.serverResponse === shown) detail.shouldSwap = false;
    else shown = detail.serverResponse;
  });
  document.body.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement?.dataset?.hit ?? null; });
  document.body.addEventListener("htmx:afterSwap", () => {
    const fresh = links().filter((link) => !known.has(link.dataset.hit));
    fresh.forEach((link) => link.classList.add("is-new"));
    if (fresh.some((link) => "urgent" in link.dataset)) tone();
    known = new Set(links().map((link) => link.dataset.hit));
    if (focused) alarms.querySelector(`[data-hit="${focused}"]`)?.focus();
    count();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.altKey || event.metaKey) return;
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const all = links();
    if (!step || !all.length) return;
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)].focus();
    event.preventDefault();
  });
  count();
})();
