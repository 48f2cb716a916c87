// Every text a person can read or hear on the page, but for what is marked as data (translate="no").
() => {
  const found = [];
  const data = (element) => element.closest("[translate=no], script, style, template, noscript, code, kbd, pre, .translate-no") !== null;
  const say = (element, text) => {
    const said = text.replace(/\s+/g, " ").trim();
    if (said && !data(element)) found.push([`${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}`, said]);
  };
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) say(node.parentElement, node.data);
  for (const element of document.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"])
      if (element.hasAttribute(name)) say(element, element.getAttribute(name));
  }
  return found;
}
