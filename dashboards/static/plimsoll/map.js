// The map: the selection and what else is in the address, pan and zoom, keys along the calls. Without it, links do.
"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);
  const here = () => new URLSearchParams(location.search);
  const home = new WeakMap(), pointers = new Map();
  // The bar was written for the first address, the deck for the one that it was last fetched for.
  const first = here();
  let written = here(), view = null, scene = "", held = false, dragged = false, anchor = "", looking = "", lit = "", asking = null;

  // --- the address is the state: back, reload and a pasted link give the same screen

  // Not by htmx: the part that is to be replaced may be replaced by a live refresh before the answer comes.
  const load = async (wanted) => {
    const target = asking?.target === "#topology" ? "#topology" : wanted, mine = new AbortController();
    asking?.abort.abort();
    asking = { target, abort: mine };
    const busy = setTimeout(() => $(target)?.setAttribute("aria-busy", "true"), 300);
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "HX-Request": "true" }, signal: mine.signal });
      const text = await answer.text();
      if (mine.signal.aborted) return;
      if (!answer.ok) return location.reload();
      const focus = $(target).contains(document.activeElement) && document.activeElement.id;
      if (target === "#topology") { written = here(); lit = looking; }
      const { dataset, scrollTop } = $("#panel");
      htmx.swap(target, text, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: target, eventInfo: { target: $(target) } });
      settle();
      // A list that grows is read on where it was.
      if ($("#panel").dataset.sel === dataset.sel) $("#panel").scrollTop = scrollTop;
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    } catch (error) {
      // Without an answer the address is still right: the page can say what is wrong.
      if (error.name !== "AbortError") location.reload();
    } finally {
      clearTimeout(busy);
      $(target)?.removeAttribute("aria-busy");
      if (asking?.abort === mine) asking = null;
    }
  };
  const go = (query, target = "#topology") => {
    history.pushState({ map: true }, "", `${location.pathname}?${query}`);
    return load(target);
  };
  const change = (changes) => {
    const query = here();
    for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
    go(query);
  };
  // On small screens the panel is below the list: what opens there is gone to, and what it was opened from when it closes.
  const BELOW = matchMedia("(width < 900px)");
  const meet = (element) => { if (element) { element.scrollIntoView({ block: element.id === "panel" ? "start" : "center" }); element.focus({ preventScroll: true }); } };
  const select = (id) => {
    const query = here(), had = query.has("blast"), now = query.get("sel") ?? "";
    if (now === id) return;
    document.querySelectorAll("#topology .selected").forEach((each) => each.classList.remove("selected"));
    if (id) document.querySelectorAll(`#${CSS.escape(id)}, #list [data-edge="${CSS.escape(id.slice(2))}"]`).forEach((each) => each.classList.add("selected"));
    id ? query.set("sel", id) : query.delete("sel");
    query.delete("blast");
    // A blast radius, or the cross in the matrix, was drawn for what was selected before.
    const shown = go(query, had || $("#matrix") ? "#topology" : "#panel");
    if (BELOW.matches) shown.then(() => meet((here().get("sel") ?? "") === id && (id ? $("#panel") : $(`#list [data-edge="${CSS.escape(now.slice(2))}"] a`))));
  };
  // What a link changes of the address that it was written for is changed in the one that is shown.
  const rebased = (asked, base) => {
    const query = here();
    for (const name of new Set([...base.keys(), ...asked.keys()])) {
      if (String(base.getAll(name)) === String(asked.getAll(name))) continue;
      query.delete(name);
      asked.getAll(name).forEach((value) => query.append(name, value));
    }
    return query;
  };

  addEventListener("popstate", () => window.htmx && load("#topology"));
  document.addEventListener("deck:change", (event) => change(event.detail));
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "finder" || !window.htmx) return;
    event.preventDefault();
    change({ find: event.target.elements.find.value.trim(), page: "" });
  });
  // The cross in the find box empties it.
  document.addEventListener("search", ({ target }) => { if (target.id === "find" && !target.value && here().has("find")) target.form.requestSubmit(); }, true);

  // What is copied are the times that the deck shows by now, and all that was chosen since.
  document.addEventListener("click", ({ target }) => {
    const copier = target.closest("[data-copies-link]");
    if (copier) copier.dataset.copiesLink = `?${rebased(new URLSearchParams($("#rail").dataset.link), written)}`;
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='?']"), zoomer = event.target.closest("[data-zoom]");
    if (dragged && event.target.closest("#map, #rail")) return event.preventDefault();
    if (zoomer) return { in: () => zoom(1 / 1.3), out: () => zoom(1.3), fit }[zoomer.dataset.zoom]?.();
    if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const asked = new URLSearchParams(link.getAttribute("href")), now = here();
    if (link.closest(".bar")) {
      event.preventDefault();
      return location.assign(`${location.pathname}?${rebased(asked, first)}`);
    }
    if (!link.closest("#topology")) return;
    event.preventDefault();
    const picks = link.dataset.select !== undefined || link.closest("#map, #matrix, #list tbody");
    if (picks && String(asked.getAll("open")) === String(now.getAll("open"))) select(asked.get("sel") ?? "");
    else go(link.closest("#panel") ? asked : rebased(asked, written));
  });

  // --- pan and zoom by the viewBox

  const svg = () => $("#map");
  const box = (map) => { const { x, y, width, height } = map.viewBox.baseVal; return { x, y, width, height }; };
  const show = (map, next) => {
    const whole = home.get(map), inside = (value, begin, length, size) => Math.min(Math.max(value, begin - size * 2 / 3), begin + length - size / 3);
    // A third of the view at least shows some of the picture.
    view = { ...next, x: inside(next.x, whole.x, whole.width, next.width), y: inside(next.y, whole.y, whole.height, next.height) };
    map.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  };
  const fit = () => { const map = svg(); if (map) { show(map, home.get(map)); view = null; } };
  const zoom = (factor, x, y) => {
    const map = svg();
    if (!map) return;
    const now = box(map), whole = home.get(map);
    const fixed = x === undefined ? { x: now.x + now.width / 2, y: now.y + now.height / 2 } : new DOMPoint(x, y).matrixTransform(map.getScreenCTM().inverse());
    const by = Math.min(Math.max(now.width * factor, whole.width / 10), whole.width * 1.6) / now.width;
    show(map, { x: fixed.x - (fixed.x - now.x) * by, y: fixed.y - (fixed.y - now.y) * by, width: now.width * by, height: now.height * by });
  };
  const pan = (dx, dy) => {
    const map = svg(), now = box(map), { a } = map.getScreenCTM();
    show(map, { ...now, x: now.x - dx / a, y: now.y - dy / a });
  };
  const reveal = (element) => {
    const frame = svg().getBoundingClientRect(), spot = element.getBoundingClientRect();
    const dx = Math.max(0, frame.left + 16 - spot.left) || Math.min(0, frame.right - 16 - spot.right);
    const dy = Math.max(0, frame.top + 16 - spot.top) || Math.min(0, frame.bottom - 16 - spot.bottom);
    if (view && (dx || dy)) pan(dx, dy);
  };

  document.addEventListener("wheel", (event) => {
    if (!event.target.closest?.("#map") || !(event.ctrlKey || view)) return;
    event.preventDefault();
    event.ctrlKey ? zoom(Math.exp(event.deltaY / 250), event.clientX, event.clientY) : pan(-event.deltaX, -event.deltaY);
  }, { passive: false });
  document.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (!event.button && event.target.closest?.("#map")) pointers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  document.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId), now = [event.clientX, event.clientY];
    if (!before) return;
    // A hand is never quite still: less than this is a click.
    if (!held && Math.hypot(now[0] - before[0], now[1] - before[1]) < 5) return;
    if (!held) svg()?.setPointerCapture(event.pointerId);
    held = dragged = true;
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const apart = (one) => Math.max(1, Math.hypot(one[0] - other[0], one[1] - other[1]));
      zoom(apart(before) / apart(now), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else pan(now[0] - before[0], now[1] - before[1]);
    pointers.set(event.pointerId, now);
  });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, (event) => { pointers.delete(event.pointerId); held = pointers.size > 0; });
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#map")) event.preventDefault(); });

  // --- what is around the one that is looked at

  const PART = "#map .node, #map .edge";
  const parts = () => [...document.querySelectorAll(PART)];
  const node = (id) => $(`#map [data-node="${CSS.escape(id)}"]`);
  const touching = (id) => parts().filter((each) => each.dataset.edge && (each.dataset.client === id || each.dataset.server === id));
  const around = (element) => {
    document.querySelectorAll("#map .lit").forEach((each) => each.classList.remove("lit"));
    svg()?.classList.toggle("dim", Boolean(element));
    looking = element?.id ?? "";
    tell(element?.dataset.edge ? element : null);
    if (!element) return;
    const edges = element.dataset.edge ? [element] : touching(element.dataset.node);
    [element, ...edges, ...edges.flatMap((each) => [node(each.dataset.client), node(each.dataset.server)])].forEach((each) => each?.classList.add("lit"));
  };
  // The label of an edge that has none at rest.
  const tell = (edge) => {
    let label = $("#map-tip");
    if (!edge || $(`#map .label[data-label="${CSS.escape(edge.dataset.edge)}"]`)) return label?.remove();
    if (!label) {
      label = Object.assign(document.createElement("div"), { id: "map-tip", ariaHidden: "true" });
      $("#topology .chart").append(label);
    }
    const path = edge.querySelector(".line"), frame = label.parentElement.getBoundingClientRect();
    const middle = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
    label.textContent = edge.getAttribute("aria-label");
    label.style.left = `${Math.min(Math.max(middle.x - frame.left, 120), frame.width - 120)}px`;
    label.style.top = `${middle.y - frame.top}px`;
  };
  const focused = () => document.activeElement?.closest(PART);
  document.addEventListener("pointerover", (event) => { if (!held && svg()) around(event.target.closest?.(PART) ?? (focused()?.matches(":focus-visible") ? focused() : null)); });
  document.addEventListener("focusin", () => { const element = focused(); if (element?.matches(":focus-visible")) { reveal(element); around(element); } });
  document.addEventListener("focusout", (event) => { if (event.target.closest?.(PART)) around(null); });

  // --- keys: left and right along the calls, up and down among those beside

  const middle = (element) => { const { x, y, width, height } = element.getBoundingClientRect(); return [x + width / 2, y + height / 2]; };
  const sorted = (elements) => elements.sort((a, b) => middle(a)[1] - middle(b)[1]);
  const beside = (element) => {
    if (!element.dataset.edge) return parts().filter((each) => each.dataset.node && Math.abs(middle(each)[0] - middle(element)[0]) < element.getBoundingClientRect().width / 2);
    const side = element.dataset.server === anchor ? "server" : "client";
    return parts().filter((each) => each.dataset.edge && each.dataset[side] === element.dataset[side]);
  };
  const step = (element, key) => {
    if (key === "ArrowUp" || key === "ArrowDown") {
      const all = sorted(beside(element));
      return all[all.indexOf(element) + (key === "ArrowUp" ? -1 : 1)];
    }
    const end = key === "ArrowLeft" ? "client" : "server", start = end === "client" ? "server" : "client";
    if (element.dataset.edge) return node(element.dataset[end]);
    anchor = element.dataset.node;
    return sorted(touching(anchor).filter((each) => each.dataset[start] === anchor))[0];
  };
  const walk = (event) => {
    const now = focused() ?? (document.activeElement.matches("body, #content") ? $("#map .selected") ?? document.body : null);
    const next = now && (now === document.body ? parts().find((each) => each.dataset.node) : step(now, event.key));
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true, focusVisible: true });
    reveal(next);
    around(next);
  };
  const keys = { "+": () => zoom(1 / 1.3), "=": () => zoom(1 / 1.3), "-": () => zoom(1.3), 0: fit };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open], .menu[open]")) return;
    if (!window.htmx || event.target.closest("input, select, textarea")) return;
    const link = $(`[data-key-link="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
    else if (event.key === "Escape") { around(null); select(""); }
    else if (svg() && event.key.startsWith("Arrow")) walk(event);
    else if (svg() && keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // --- what is live is fetched for the address that is shown, and the picture keeps its place

  const path = () => location.pathname + location.search;
  document.addEventListener("htmx:configRequest", ({ detail }) => { if (detail.elt.id === "topology") detail.path = path(); });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "topology") return;
    if (held || asking || detail.requestConfig.path !== path()) detail.shouldSwap = false;
    else { written = here(); lit = looking; }
  });
  const settle = () => {
    const map = svg(), query = here(), now = map && [map.dataset.level, query.getAll("open"), query.get("hide"), query.get("group")].join();
    if (!map || home.has(map)) return;
    home.set(map, box(map));
    if (view && now === scene) show(map, view); else view = null;
    scene = now;
    // What has the focus loses it when it is replaced, and gets it again a little later.
    if (lit) around(document.getElementById(lit));
    lit = "";
  };
  document.addEventListener("htmx:afterSwap", settle);
  settle();
})();
