// The time rail: its head follows the pointer and the keys, and the map follows the head.
"use strict";
(() => {
  const rail = () => document.getElementById("rail"), track = () => rail().querySelector(":scope > svg"), knob = () => document.getElementById("rail-head");
  const told = (name) => Number(rail().dataset[name]);
  let from = null, moved = false, waiting = 0;

  const put = (seconds) => {
    const share = (moment) => Math.max((moment - told("start")) / (told("end") - told("start")), 0) * 100, x = share(seconds), begin = share(seconds - told("head") + told("begin"));
    const said = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: rail().dataset.zone }).format(seconds * 1000);
    const shown = rail().querySelector(".window"), bubble = rail().querySelector(".bubble");
    knob().firstElementChild.setAttribute("x", `${x}%`);
    knob().setAttribute("aria-valuenow", seconds);
    knob().setAttribute("aria-valuetext", said);
    shown.setAttribute("x", `${begin}%`);
    shown.setAttribute("width", `${x - begin}%`);
    bubble.textContent = said;
    bubble.hidden = false;
    bubble.style.left = `${track().getBoundingClientRect().left - rail().getBoundingClientRect().left + x / 100 * track().clientWidth}px`;
  };
  const moment = ({ clientX }) => {
    const { left, width } = track().getBoundingClientRect(), share = Math.min(Math.max((clientX - left) / width, 0), 1);
    return Math.round((told("start") + share * (told("end") - told("start"))) / 60) * 60;
  };
  const arrive = (seconds) => document.dispatchEvent(new CustomEvent("deck:change", { detail: {
    at: seconds > told("end") - 90 ? "" : new Date(seconds * 1000).toISOString().replace(".000", ""), from: "", to: "",
  } }));

  document.addEventListener("pointerdown", (event) => {
    moved = false;
    from = !event.button && event.target.closest?.("#rail > svg") ? event.clientX : null;
  });
  document.addEventListener("pointermove", (event) => {
    if (from === null || (!moved && Math.abs(event.clientX - from) < 4)) return;
    moved = true;
    put(moment(event));
  });
  document.addEventListener("pointerup", (event) => {
    const dropped = from !== null && (moved || (event.target.closest?.("#rail > svg") && !event.target.closest("a, .head")));
    from = null;
    if (dropped) arrive(moment(event));
  });
  document.addEventListener("pointercancel", () => { if (moved) put(told("head")); from = null; });
  // After a drag the pointer may be over a link, which was not meant.
  document.addEventListener("click", (event) => { if (moved && event.target.closest("#rail")) { event.preventDefault(); event.stopPropagation(); } }, true);
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#rail")) event.preventDefault(); });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => { if (from !== null && detail.target.id === "topology") detail.shouldSwap = false; });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "rail-head" || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 }[event.key];
    const next = { Home: told("start"), End: told("end") }[event.key] ?? Number(knob().getAttribute("aria-valuenow")) + by * knob().dataset.step;
    if (Number.isNaN(next)) return;
    event.preventDefault();
    event.stopPropagation();
    const seconds = Math.min(Math.max(next, told("start")), told("end"));
    put(seconds);
    clearTimeout(waiting);
    // Held down, a key comes many times a second: the map is asked for once.
    waiting = setTimeout(() => arrive(seconds), 400);
  }, true);
})();
