"use strict";
// Tables and dates that are read in narrow places. On a phone a row of a wide table stands by itself, a line a cell, with the heading beside what is in it (platekeeper.css).
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
  // A date is read in one piece, with its time: a browser breaks lines at its hyphens, and a style for whole cells would hold all their words.
  const day = /\b\d{4}-\d\d-\d\d\b( \d\d:\d\d(:\d\d)?\b)?/;
  const whole = (root) => {
    const among = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (among.nextNode()) {
      const text = among.currentNode;
      if (day.test(text.data) && !text.parentElement.closest(".day, pre, textarea, select, script, svg")) found.push(text);
    }
    for (const text of found) {
      for (let rest = text, at; (at = day.exec(rest.data)); ) {
        const date = rest.splitText(at.index);
        rest = date.splitText(at[0].length);
        const span = document.createElement("span");
        span.className = "day";
        date.replaceWith(span);
        span.append(date);
      }
    }
  };
  const all = () => {
    document.querySelectorAll("table.table:not(.bars, .hours)").forEach(label);
    document.querySelectorAll("main").forEach(whole);
  };
  all();
  new MutationObserver(all).observe(document.body, { childList: true, subtree: true });  // what comes later, too
})();
