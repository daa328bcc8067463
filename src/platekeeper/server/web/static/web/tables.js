"use strict";
// On a phone a row of a wide table stands by itself, a line a cell, with the heading beside what is in it (platekeeper.css).
(() => {
  const label = (table) => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].flatMap((cell) => Array(cell.colSpan).fill(cell.textContent.trim()));
    if (heads.length < 3) return;
    table.classList.add("is-stacked");
    // laid out otherwise, it would no longer be read out as a table
    table.setAttribute("role", "table");
    for (const section of [table.tHead, ...table.tBodies]) section.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      let column = 0;
      for (const cell of row.cells) {
        const inHead = row.parentElement === table.tHead;
        cell.setAttribute("role", inHead ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell");
        cell.classList.toggle("is-bare", !inHead && !cell.textContent.trim() && !cell.querySelector("img, svg, input"));
        if (!inHead && cell.tagName === "TD" && cell.colSpan === 1 && heads[column]) cell.dataset.label = heads[column];
        column += cell.colSpan;
      }
    }
  };
  const all = () => document.querySelectorAll("table.table:not(.bars, .hours)").forEach(label);
  all();
  new MutationObserver(all).observe(document.body, { childList: true, subtree: true });  // what comes later, too
})();
