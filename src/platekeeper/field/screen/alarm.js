"use strict";
// Asks the unit each second what there is; what comes from it is only ever put in as text.
const at = (id) => document.getElementById(id);
let sounding = false, tone = null, last = 0, shown = "", first = true;

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
  if (!answer.ok) throw new Error(content.error);
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
  image.src = `/${kind}/${number}`;
  image.alt = words;
  return image;
}

function card(alarm) {
  const card = made("article");
  card.append(made("p", alarm.category, "category"), made("p", alarm.plate, "plate"));
  for (const warning of [alarm.how, alarm.state_warning]) if (warning) card.append(made("p", warning, "warning"));
  card.append(made("p", alarm.action));
  const pictures = made("div", undefined, "pictures");
  pictures.append(picture("picture", alarm.number, `The vehicle read as ${alarm.plate}`),
                  picture("crop", alarm.number, `The plate read as ${alarm.plate}`));
  card.append(pictures, made("p", [alarm.at, ...alarm.facts, ...alarm.steps].join(" · ")));
  const steps = made("div", undefined, "steps");
  for (const next of alarm.next) {
    const button = made("button", next.words);
    button.type = "button";
    button.addEventListener("click", async () => {
      try { await told("/step", { alarm: alarm.id, step: next.step, member: at("hand").elements.member.value }); }
      catch (error) { at("status").textContent = error.message; }
      shown = "";
      look();
    });
    steps.append(button);
  }
  card.append(steps);
  return card;
}

function list(id, items, empty) {
  at(id).replaceChildren(...(items.length || !empty ? items : [made("li", empty, "empty")]));
}

function show(state) {
  const now = JSON.stringify(state);
  if (now === shown) return;
  shown = now;
  at("unit").textContent = state.unit;
  at("status").textContent = `Hot list of ${state.list || "no day"}. ${state.waiting} reads wait to go up.`;
  list("troubles", state.troubles.map((each) => made("li", each.said, each.grave ? "grave" : "")));
  const open = state.alarms.filter((each) => each.next.length);
  at("alarm").replaceChildren(...(open.length ? open.map(card) : [made("p", "No alarm.", "empty")]));
  list("earlier", state.alarms.filter((each) => !each.next.length)
    .map((each) => made("li", `${each.at} ${each.plate} ${each.category}. ${each.ended}`)), "Nothing yet.");
  list("entries", state.entries.map(([plate, ground, word, said]) =>
    made("li", `${plate}: ${ground.replaceAll("_", " ")}, ${word}. ${said}`)));
  const newest = state.alarms.length ? state.alarms[0].id : 0;
  if (newest > last && !first) sound(true);
  last = Math.max(last, newest);
  first = false;
}

async function look() {
  try { show(await told("/state")); }
  catch { list("troubles", [made("li", "The unit does not answer: no alarms come.", "grave")]); shown = ""; }
}

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

at("hand").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const said = Object.fromEntries(new FormData(event.target));
    const found = await told(event.submitter.value, said);
    const lines = [...found.wanted.map((each) => `Wanted: ${each}`),
                   ...found.reads.map((each) => `${each.at} ${each.plate}${each.place ? ` at ${each.place.join(", ")}` : ""}`)];
    at("found").replaceChildren(...(lines.length ? lines : ["Not wanted, and not read by this unit."]).map((each) => made("p", each)));
  } catch (error) { at("found").replaceChildren(made("p", error.message, "warning")); }
  look();
});

look();
setInterval(look, 1000);
