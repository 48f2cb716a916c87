// Keys, menus and drawers of every page. Reading works without it.
"use strict";

const typing = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;
let waiting = "";

const open = (dialog) => dialog && !dialog.open && dialog.showModal();

const theme = () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  document.querySelector(`button[name=theme][value=${dark ? "light" : "dark"}]`)?.click();
};

const range = (key) => document.querySelector(`.filters [data-keys*="${key}"]`)?.click();

// Without TLS a page has no clipboard: there its text is selected and copied as by hand.
const byHand = (text, beside) => {
  const field = Object.assign(document.createElement("textarea"), { value: text });
  beside.after(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  beside.focus();
  if (!copied) throw new Error("not copied");
};

const copy = async (copier) => {
  const { copies, copiesLink, done, failed } = copier.dataset;
  const text = copiesLink ? new URL(copiesLink, location.href).href : document.getElementById(copies)?.innerText ?? copies;
  const before = copier.dataset.before ??= copier.textContent;
  try {
    await (navigator.clipboard ? navigator.clipboard.writeText(text) : byHand(text, copier));
    copier.textContent = done;
  } catch {
    copier.textContent = failed;
  }
  setTimeout(() => { copier.textContent = before; }, 2000);
};

const keys = {
  "/": () => document.querySelector("[data-focus-key='/']")?.focus(),
  "?": () => open(document.getElementById("keys")),
  "[": () => range("["),
  "]": () => range("]"),
  ".": theme,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (waiting === "g") {
    waiting = "";
    const link = document.querySelector(`.top [data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  } else if (event.key === "g") {
    waiting = "g";
    setTimeout(() => { waiting = ""; }, 1500);
  } else if (event.key === "Escape") {
    document.querySelectorAll(".menu[open]").forEach((menu) => { menu.open = false; });
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("click", (event) => {
  document.querySelectorAll(".menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  const opener = event.target.closest("[data-opens]");
  if (opener) open(document.getElementById(opener.dataset.opens));
  if (event.target.closest("dialog .close")) event.target.closest("dialog").close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
  const copier = event.target.closest("[data-copies], [data-copies-link]");
  if (copier) copy(copier);
});

// What htmx puts into the drawer is shown in it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "drawer") open(event.detail.target);
});
