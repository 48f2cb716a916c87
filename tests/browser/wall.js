// What can be read on a wallboard, and where: every element with text of its own, in pixels of a screen of 1920 by 1080.
() => {
  const room = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const texts = [], outside = [], overlaps = [];
  for (const element of document.querySelectorAll("#board *")) {
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own.length || element.closest("[hidden]") || element.closest("title")) continue;
    const range = document.createRange();
    range.selectNodeContents(own[0]);
    const size = parseFloat(getComputedStyle(element).fontSize);
    const seen = clipped(element, letters(range.getBoundingClientRect(), size));
    if (seen.right - seen.left < 1 || seen.bottom - seen.top < 1) continue;
    const drawing = element.closest("svg");
    const zoom = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1;
    const words = element.textContent.trim().slice(0, 40);
    texts.push({ words, size: size * zoom, where: place(element), seen, element });
    if (seen.left < 36 || seen.top < 18 || seen.right > room.right - 36 || seen.bottom > room.bottom - 18) outside.push(words);
  }
  for (const [index, one] of texts.entries())
    for (const other of texts.slice(index + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const width = Math.min(one.seen.right, other.seen.right) - Math.max(one.seen.left, other.seen.left);
      const height = Math.min(one.seen.bottom, other.seen.bottom) - Math.max(one.seen.top, other.seen.top);
      if (width > 2 && height > 2) overlaps.push(`${one.words} | ${other.words}`);
    }
  const cut = [...document.querySelectorAll(".card, .panel, .wall")]
    .filter((box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.className} ${box.scrollWidth}x${box.scrollHeight} in ${box.clientWidth}x${box.clientHeight}`);
  return {
    texts: texts.map(({ words, size, where }) => ({ words, size, where })), outside, overlaps, cut,
    scrolls: document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth,
  };

  function place(element) {
    if (element.matches(".number")) return "number";
    return element.closest(".foot, .mark, .disc, .dayline") ? "note" : "text";
  }

  // Boxes of large text reach over what is around them; letters take four fifths of their size.
  function letters({ left, top, right, bottom }, size) {
    const empty = Math.max(0, (bottom - top - 0.8 * size) / 2);
    return { left, top: top + empty, right, bottom: bottom - empty };
  }

  // What of a text is left where boxes around it cut it off.
  function clipped(element, rect) {
    let { left, top, right, bottom } = rect;
    for (let box = element; box && box.id !== "board"; box = box.parentElement) {
      if (getComputedStyle(box).overflow === "visible") continue;
      const edge = box.getBoundingClientRect();
      [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
      [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return { left, top, right, bottom };
  }
}
