"use strict";
// The menu's groups open by themselves; here one closes again: at a press elsewhere, or of Escape. On a phone the menu is one
// row that is pushed sideways, and begins at the group that is shown.
document.querySelector(".menu .is-here, .menu [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
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
