// Copying where the browser has no clipboard for pages without TLS: the text is selected and copied as by hand.
"use strict";
// What was just made is shown at the address of its form; a reload must show the page, and not make another.
const setup = document.querySelector("[data-setup]")?.dataset.setup;
if (setup && location.pathname !== setup) history.replaceState(null, "", setup + location.hash);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const before = button.dataset.before ??= button.textContent;
  if (!navigator.clipboard) {
    const selection = getSelection();
    selection.selectAllChildren(document.getElementById(button.dataset.copies));
    if (document.execCommand("copy")) button.textContent = button.dataset.done;
  }
  setTimeout(() => { button.textContent = before; }, 2000);
});
