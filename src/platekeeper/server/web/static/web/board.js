// The live board: keys to move, a tone for urgent hits, the count in the title. `live.js` keeps it up to date.
(() => {
  "use strict";
  const alarms = document.getElementById("alarms");
  const button = document.getElementById("sound");
  const title = document.title;
  const links = () => [...alarms.querySelectorAll("a.alarm")];
  let known = new Set(links().map((link) => link.dataset.hit));
  const off = button.textContent;
  let wanted = Boolean(localStorage.getItem("sound"));
  let audio = null;

  // Browsers give sound only after a touch or a key: what is wanted is kept, and the button says what is so.
  const sounds = () => audio?.state === "running";
  const say = () => {
    button.setAttribute("aria-pressed", String(wanted));
    button.textContent = !wanted ? off : sounds() ? button.dataset.on : button.dataset.waits;
  };
  const tone = () => {
    if (!sounds()) return;
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
    oscillator.frequency.value = 880;
    gain.gain.setValueAtTime(0.25, audio.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start();
    oscillator.stop(audio.currentTime + 0.6);
  };
  const begin = () => {
    if (!audio) {
      audio = new AudioContext();
      audio.addEventListener("statechange", () => { say(); tone(); });
    }
    audio.resume();
  };
  const count = () => { document.title = `(${links().length}) ${title}`; };

  button.addEventListener("click", () => {
    wanted = !(wanted && sounds()); // while it waits for a touch, a touch of the button is that one
    localStorage.setItem("sound", wanted ? "on" : "");
    if (wanted) begin();
    else audio.suspend();
    say();
  });
  ["pointerup", "keydown"].forEach((touch) => document.addEventListener(touch, ({ target }) => {
    if (wanted && !sounds() && !button.contains(target)) begin();
  }));

  document.addEventListener("live:moved", () => {
    const fresh = links().filter((link) => !known.has(link.dataset.hit));
    fresh.forEach((link) => link.classList.add("is-new"));
    if (fresh.some((link) => "urgent" in link.dataset)) tone();
    known = new Set(links().map((link) => link.dataset.hit));
    count();
  });
  document.addEventListener("keydown", (event) => {
    if (!alarms.contains(event.target) || event.ctrlKey || event.altKey || event.metaKey) return; // a letter said or hit elsewhere is none
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const all = links();
    if (!step) return;
    const at = all.indexOf(document.activeElement);
    all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
    event.preventDefault();
  });
  if (wanted) begin();
  say();
  count();
})();
