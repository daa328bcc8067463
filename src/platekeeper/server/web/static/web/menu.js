"use strict";
// The menu's groups open by themselves; here one closes again: at a press elsewhere, or of Escape.
const open = () => document.querySelector(".menu details[open]");
document.addEventListener("click", (event) => {
  const group = open();
  if (group && !group.contains(event.target)) group.open = false;
});
document.addEventListener("keydown", (event) => {
  const group = open();
  if (event.key === "Escape" && group) {
    group.open = false;
    group.querySelector("summary").focus();
  }
});
