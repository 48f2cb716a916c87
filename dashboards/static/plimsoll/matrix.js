// Arrow keys in the matrix: to the nearest call in the row or the column. Without it every call is a tab stop.
"use strict";

const dots = () => [...document.querySelectorAll("#matrix .dot")];
const place = (dot) => [Number(dot.dataset.row), Number(dot.dataset.column)];
const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// How far a call is in a direction, and how far aside; aside counts three times, so that rows are followed first.
const distance = ([row, column], [otherRow, otherColumn], [down, right]) => {
  const ahead = (otherRow - row) * down + (otherColumn - column) * right;
  const aside = Math.abs((otherRow - row) * right + (otherColumn - column) * down);
  return ahead > 0 ? ahead + 3 * aside : Infinity;
};

const rove = () => {
  const all = dots();
  const first = all.find((dot) => dot.matches(".selected")) ?? all.find((dot) => dot.matches(".bad, .warn")) ?? all[0];
  all.forEach((dot) => { dot.setAttribute("tabindex", dot === first ? "0" : "-1"); });
};

document.addEventListener("keydown", (event) => {
  const dot = event.target.closest?.("#matrix .dot");
  const step = steps[event.key];
  if (!dot || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const from = place(dot);
  let nearest = null;
  let least = Infinity;
  for (const other of dots()) {
    const far = distance(from, place(other), step);
    if (far < least) { least = far; nearest = other; }
  }
  if (!nearest) return;
  dot.setAttribute("tabindex", "-1");
  nearest.setAttribute("tabindex", "0");
  nearest.focus();
});

rove();
document.addEventListener("htmx:afterSettle", rove);
