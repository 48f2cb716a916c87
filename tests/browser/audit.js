// What a page looks like to somebody who cannot overlook anything; returns plain data. Runs in the page, after it is drawn.
() => {
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const kind = element.getAttribute("class") ? `.${element.getAttribute("class").trim().split(/\s+/).join(".")}` : "";
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}${id}${kind}${text ? ` “${text}”` : ""}`;
  };
  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  // Text boxes, cut to what their scrolling or clipping ancestors let through.
  const clips = new Map();
  const clip = (element) => {
    if (!element || element === document.documentElement) return [-1e6, -1e6, 1e6, 1e6];
    if (!clips.has(element)) {
      const outer = clip(element.parentElement), own = style(element), box = element.getBoundingClientRect();
      let found = outer;
      if (own.clipPath !== "none" || (own.position === "absolute" && own.clip !== "auto")) {
        if (box.width <= 1 || own.clipPath === "inset(50%)") found = [0, 0, 0, 0];
      }
      if (element instanceof HTMLElement && own.overflowX !== "visible" && own.display !== "inline")
        found = [Math.max(found[0], box.left), Math.max(found[1], box.top), Math.min(found[2], box.right), Math.min(found[3], box.bottom)];
      if (element instanceof SVGSVGElement)
        found = [Math.max(found[0], box.left), Math.max(found[1], box.top), Math.min(found[2], box.right), Math.min(found[3], box.bottom)];
      clips.set(element, found);
    }
    return clips.get(element);
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, template, noscript, option, title, desc") || !shown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const cut = clip(element);
    const boxes = [...range.getClientRects()].map((box) => [
      Math.max(box.left, cut[0]), Math.max(box.top, cut[1]), Math.min(box.right, cut[2]), Math.min(box.bottom, cut[3]),
    ]).filter((box) => box[2] - box[0] > 1 && box[3] - box[1] > 1);
    if (boxes.length) texts.push({ element, text: node.data.trim().slice(0, 40), boxes });
  }
  const overlaps = [];
  const layer = (element) => element.closest("dialog, [popover], .menu ul, .menu > div");
  const flat = texts.flatMap((text, index) => text.boxes.map((box) => ({ box, index, text }))).sort((a, b) => a.box[1] - b.box[1]);
  for (let i = 0; i < flat.length && overlaps.length < 10; i++) {
    // A line's box is higher than its letters: what touches by a few pixels at top or bottom does not overlap.
    const { box: a, index, text } = flat[i], slack = (a[3] - a[1]) * 0.22;
    for (let j = i + 1; j < flat.length && flat[j].box[1] < a[3] - slack; j++) {
      const { box: b, index: other, text: second } = flat[j];
      if (index === other || layer(text.element) !== layer(second.element)) continue;
      const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
      const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
      if (width > 2 && height > Math.max(slack, (b[3] - b[1]) * 0.22) + 1)
        overlaps.push(`“${text.text}” (${name(text.element).slice(0, 60)}) and “${second.text}” (${name(second.element).slice(0, 60)})`);
    }
  }

  // Contrast of text on what is painted behind it.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const colours = new Map();
  const colour = (text) => {
    if (!colours.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = "#0000";
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      colours.set(text, [r, g, b, a / 255]);
    }
    return colours.get(text);
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const own = style(each);
      if (own.backgroundImage !== "none") return null;
      const painted = colour(own.backgroundColor);
      if (painted[3] > 0) layers.push(painted);
      if (painted[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), colour("Canvas"));
  };
  // Drawings paint what lies before them in the document: the topmost shape under the middle of the text.
  const drawnBehind = (element, box) => {
    const x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2;
    let base = behind(element.closest("svg").parentElement);
    const under = document.elementsFromPoint(x, y).filter((each) => each.closest("svg") === element.closest("svg"));
    const shapes = under.filter((each) => /^(rect|path|circle|ellipse|polygon)$/.test(each.tagName) && style(each).fill !== "none"
      && each.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);
    for (const shape of shapes.reverse()) {
      if (style(shape).fill.startsWith("url")) return null;
      const [r, g, b, a] = colour(style(shape).fill);
      if (base) base = over([r, g, b, a * Number(style(shape).fillOpacity) * Number(style(shape).opacity)], base);
    }
    return base;
  };
  const contrasts = [];
  for (const { element, text, boxes } of texts) {
    if (element.closest(":disabled, [aria-disabled=true], [inert], [aria-hidden=true] .decoration")) continue;
    const drawn = element.closest("svg"), own = style(element);
    if (drawn && (boxes[0][1] > innerHeight || boxes[0][1] < 0)) continue;
    const under = drawn ? drawnBehind(element, boxes[0]) : behind(element);
    if (!under) continue;
    const ink = [...colour(drawn ? own.fill : own.color)];
    // What is faded because it is idle or does not match is inactive; everything else counts as it is painted.
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) opacity *= Number(style(each).opacity);
    if (opacity < 0.999 && element.closest("[data-faded], .faded, .idle, [data-idle]")) continue;
    ink[3] *= opacity;
    const [light, dark] = [luminance(over(ink, under)), luminance(under)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05), size = parseFloat(own.fontSize);
    // A shape that stands for a status, beside its word, is no text.
    const least = element.matches(".shape, [aria-hidden=true]") && /^[●◆▲○▲▼⬤]$/.test(text) ? 3 : size >= 24 || (size >= 18.66 && Number(own.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least - 0.05) contrasts.push(`${ratio.toFixed(2)} < ${least}: “${text}” (${name(element).slice(0, 80)})`);
  }

  // Controls.
  const controls = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link], [role=tab], [tabindex]",
  )].filter(shown);
  const targets = controls.filter((each) => each.tabIndex >= 0 && !each.matches("main, [role=region], svg *, svg"))
    .map((each) => ({ each, box: each.getBoundingClientRect() })).filter(({ box }) => box.width > 1 && box.height > 1)
    // What is scrolled out of sight lies under nothing.
    .filter(({ each, box }) => ((cut) => box.top >= cut[1] && box.bottom <= cut[3] && box.left < cut[2] && box.right > cut[0])(clip(each.parentElement)));
  const label = (each) => each.labels?.[0]?.getBoundingClientRect();
  const small = targets.filter(({ each, box }) => {
    if (box.width >= 24 && box.height >= 24) return false;
    const tag = label(each);
    if (tag && tag.width >= 24 && tag.height >= 24) return false;
    // In a sentence the line decides; alone, what matters is that no other target is nearer than 24 px.
    if (style(each).display.startsWith("inline") && [...each.parentElement.childNodes].some((node) => node !== each && node.nodeType === 3 && node.data.trim())) return false;
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    return targets.some(({ each: other, box: b }) => other !== each && !other.contains(each) && !each.contains(other)
      && Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom)) < 12);
  });
  const fields = [...document.querySelectorAll("input:not([type=hidden], [type=submit], [type=button]), select, textarea")].filter(shown);
  const named = (each) => each.labels?.length || each.ariaLabel || each.getAttribute("aria-labelledby") || each.title;

  const tables = [...document.querySelectorAll("table")].filter(shown);
  const kind = (entry) => entry.initiatorType === "navigation" ? "page"
    : { css: "css", js: "script", woff2: "font", svg: "image", png: "image" }[new URL(entry.name).pathname.split(".").pop()] ?? "data";
  const weights = {};
  for (const entry of [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]) {
    if (entry.name.includes("mark.") || entry.initiatorType === "fetch" || entry.initiatorType === "xmlhttprequest" || entry.name.includes("/live")) continue;
    const what = entry.name.includes("/plotly/") ? "plotly" : entry.name.includes("/htmx/") ? "htmx" : kind(entry);
    weights[what] = (weights[what] ?? 0) + entry.encodedBodySize;
  }
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth
      ? [...document.body.querySelectorAll("*")].filter((each) => shown(each) && each.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        && clip(each.parentElement)[2] > document.documentElement.clientWidth + 1).slice(-3).map(name) : [],
    overlaps: [...new Set(overlaps)],
    contrasts: [...new Set(contrasts)].slice(0, 10),
    small_targets: small.map(({ each, box }) => `${Math.round(box.width)}x${Math.round(box.height)}: ${name(each)}`).slice(0, 10),
    unlabelled: fields.filter((each) => !named(each)).map(name),
    tables: tables.flatMap((table) => [
      ...(table.caption || table.ariaLabel || table.getAttribute("aria-labelledby") ? [] : [`no caption: ${name(table)}`]),
      ...[...table.querySelectorAll("th:not([scope])")].slice(0, 2).map((th) => `no scope: ${name(th)}`),
    ]),
    idle_menus: [...document.querySelectorAll(".filters .menu")].filter((each) => shown(each) && !each.querySelector("a[href]")).map(name),
    h1: [...document.querySelectorAll("h1")].filter(shown).map((each) => each.textContent.trim()),
    mains: document.querySelectorAll("main, [role=main]").length,
    unnamed_landmarks: ["nav", "aside"].flatMap((tag) => {
      const found = [...document.querySelectorAll(tag)].filter(shown);
      return found.length > 1 ? found.filter((each) => !each.ariaLabel && !each.getAttribute("aria-labelledby")).map(name) : [];
    }),
    twice: [...document.querySelectorAll("[id]")].map((each) => each.id).filter((id, i, all) => all.indexOf(id) !== i),
    jumps: controls.filter((each) => each.tabIndex > 0).map(name),
    focus_order: controls.filter((each) => each.tabIndex >= 0).map((each) => name(each).slice(0, 60)),
    weights,
    states: [...document.querySelectorAll("main .state")].filter(shown).map((each) => each.className.split(" ")[1]),
    violations: window.__violations ?? [],
  };
}
