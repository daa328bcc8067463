"use strict";
// Asks the unit each second what there is; what comes from it is only ever put in as text.
const at = (id) => document.getElementById(id);
const SETTLES = 700; // milliseconds in which a finger on its way is still meant for what stood there before
const HELD = 5000; // a press whose end is never told holds what it is on no longer
const says = new WeakMap(), refused = {}; // what each child of a part says; why the last step on an alarm was refused
let sounding = false, tone = null, last = -1, heldUntil = 0, settling = 0;

function made(name, text, kind) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

async function told(path, said) {
  const headers = { "X-Platekeeper": "1", "Content-Type": "application/json" };
  const answer = await fetch(path, said ? { method: "POST", headers, body: JSON.stringify(said) } : {});
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(content.error), { said: content.error });
  return content;
}

function sound(urgent) {
  if (!sounding) return;
  tone = tone || new AudioContext();
  for (let beat = 0; beat < (urgent ? 6 : 3); beat += 1) {
    const voice = tone.createOscillator(), loud = tone.createGain(), begin = tone.currentTime + beat * 0.25;
    voice.frequency.value = beat % 2 ? 660 : 990;
    loud.gain.value = 0.4;
    voice.connect(loud).connect(tone.destination);
    voice.start(begin);
    voice.stop(begin + 0.18);
  }
}

function picture(kind, number, words) {
  const image = made("img");
  image.addEventListener("error", () => image.replaceWith(made("p", kind === "crop" ? "" : "No picture came with it.")));
  image.src = `/${kind}/${number}`;
  image.alt = words;
  return image;
}

function card(alarm) {
  const card = made("article");
  card.dataset.alarm = alarm.id;
  card.tabIndex = -1;
  card.classList.toggle("is-recalled", Boolean(alarm.recalled));
  card.append(made("p", alarm.category, "category"), made("p", alarm.plate, "plate"));
  for (const warning of alarm.recalled ? [alarm.recalled] : [alarm.how, alarm.state_warning]) if (warning) card.append(made("p", warning, "warning"));
  card.append(made("p", alarm.action));
  const pictures = made("div", undefined, "pictures");
  pictures.append(picture("picture", alarm.number, `The vehicle read as ${alarm.plate}`),
                  picture("crop", alarm.number, `The plate read as ${alarm.plate}`));
  card.append(pictures, made("p", [alarm.at, ...alarm.facts, ...alarm.steps].join(" · ")));
  const steps = made("div", undefined, "steps"), [refusal, back] = slip(alarm);
  steps.append(...alarm.next.map((next) => pressed(alarm, next, refusal)));
  card.append(refusal, steps, ...back);
  return card;
}

function earlier(alarm) {
  const row = made("li", `${alarm.at} ${alarm.plate} ${alarm.category}. ${alarm.ended}`), [refusal, back] = slip(alarm);
  row.dataset.alarm = alarm.id;
  row.tabIndex = -1;
  row.append(...back, refusal);
  return row;
}

// Where the last refusal on an alarm is said, and what takes back its last step: nothing once it is too late.
function slip(alarm) {
  const refusal = made("p", refused[alarm.id], "warning");
  return [refusal, alarm.back.map((step) => pressed(alarm, step, refusal, "back"))];
}

function pressed(alarm, { step, words }, refusal, kind) {
  const button = made("button", words, kind);
  button.type = "button";
  button.dataset.step = step;
  button.addEventListener("click", async () => {
    const member = at("hand").elements.member;
    if (!member.reportValidity()) return; // the browser says that it is wanted, and goes there
    try {
      await told("/step", { alarm: alarm.id, step, after: alarm.mark, member: member.value });
      refused[alarm.id] = "";
    } catch (error) { refused[alarm.id] = error.message; }
    refusal.textContent = refused[alarm.id];
    look();
  });
  return button;
}

// What says what it said stays, with the focus; only what is new is put in, and read out. Nothing moves under a press, and what
// has just moved takes none.
function part(id, said, build, empty) {
  if (Date.now() < heldUntil) return;
  const home = at(id), left = [...home.children];
  const next = (said.length || !empty ? said : [empty]).map((each) => {
    const words = JSON.stringify(each), nth = left.findIndex((child) => says.get(child) === words);
    if (nth >= 0) return left.splice(nth, 1)[0];
    const child = each === empty ? made(home.tagName === "UL" ? "li" : "p", empty, "empty") : build(each);
    says.set(child, words);
    return child;
  });
  left.forEach((child) => child.remove());
  const come = next.filter((child, nth) => home.children[nth] !== child && home.insertBefore(child, home.children[nth] ?? null));
  if (!come.length && !left.length) return;
  document.body.classList.add("is-settling");
  clearTimeout(settling);
  settling = setTimeout(() => document.body.classList.remove("is-settling"), SETTLES);
}

// An alarm that was made anew has the focus where it had it before, or all of it if that step is taken.
function show(state) {
  const before = document.activeElement, row = before.closest("[data-alarm]");
  at("unit").textContent = state.unit;
  at("status").textContent = `Hot list of ${state.list || "no day"}. ${state.waiting} ${state.waiting === 1 ? "read waits" : "reads wait"} to go up.`;
  part("troubles", state.troubles, (each) => made("li", each.said, each.grave ? "grave" : ""));
  const stays = (alarm) => alarm.next.length || alarm.recalled; // that one was wrong is said where it stood
  part("alarm", state.alarms.filter(stays), card, "No alarm.");
  part("more", state.more ? [state.more] : [], (more) =>
    made("p", `Open alarms not shown here: ${more}. They come up as these are worked.`, "warning"));
  part("earlier", state.alarms.filter((each) => !stays(each)), earlier, "Nothing yet.");
  if (row && document.activeElement !== before) {
    const again = document.querySelector(`[data-alarm="${row.dataset.alarm}"]`);
    (again?.querySelector(`[data-step="${before.dataset.step}"]`) ?? again)?.focus({ preventScroll: true });
  }
  part("entries", state.entries, ([plate, ground, word, said]) =>
    made("li", `${plate}: ${ground.replaceAll("_", " ")}, ${word}. ${said}`));
  const newest = state.alarms.length ? state.alarms[0].id : 0;
  if (newest > last && last >= 0) sound(true);
  last = Math.max(last, newest);
}

async function look() {
  try { show(await told("/state")); }
  catch (error) {
    const said = error.said || "The unit does not answer: no alarms come.";
    part("troubles", [{ said, grave: true }], (each) => made("li", each.said, "grave"));
  }
}

document.addEventListener("pointerdown", ({ target }) => { if (target.closest("#alarm, #earlier")) heldUntil = Date.now() + HELD; });
["pointerup", "pointercancel"].forEach((end) => document.addEventListener(end, () => { heldUntil = 0; }));

at("sound").addEventListener("click", () => {
  sounding = !sounding;
  at("sound").setAttribute("aria-pressed", sounding);
  at("sound").textContent = sounding ? "Sound on" : "Sound off";
  sound(false);
});

function night(dark) {
  document.documentElement.toggleAttribute("data-night", dark);
  at("night").setAttribute("aria-pressed", dark);
  localStorage.setItem("night", dark ? "1" : "");
}
const kept = localStorage.getItem("night");
night(kept === null ? matchMedia("(prefers-color-scheme: dark)").matches : kept === "1");
at("night").addEventListener("click", () => night(!document.documentElement.hasAttribute("data-night")));

// Enter in a field presses the first button, so that one looks up. An entry asks for its ground, a look-up does not.
at("hand").addEventListener("click", ({ target }) => {
  if (target.type === "submit") at("hand").elements.ground.required = target.value === "/enter";
});

at("hand").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const found = await told(event.submitter.value, Object.fromEntries(new FormData(form)));
    const lines = [...found.wanted.map((each) => `Wanted: ${each}`),
                   ...found.reads.map((each) => `${each.at} ${each.plate}${each.place ? ` at ${each.place.join(", ")}` : ""}`)];
    if (found.entered) {
      form.elements.ground.value = ""; // the next entry chooses its own
      lines.unshift(`Entered: ${found.entered}`);
      if (!found.reads.length) lines.push("Not read by this unit before.");
    }
    at("found").replaceChildren(...(lines.length ? lines : ["Not wanted, and not read by this unit."]).map((each) => made("p", each)));
  } catch (error) { at("found").replaceChildren(made("p", error.message, "warning")); }
  look();
});

look();
setInterval(look, 1000);
