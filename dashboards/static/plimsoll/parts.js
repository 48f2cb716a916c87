// Parts that are asked for later: busy when that takes a while, and what is said when it fails.
"use strict";
(() => {
  const body = document.body, opened = new Date(), timers = new WeakMap(), known = new Map();
  const made = (name) => document.getElementById(`part-${name}`).content.firstElementChild.cloneNode(true);
  const show = (drawer, content) => {
    drawer.replaceChildren(content);
    if (!drawer.open) drawer.showModal();
  };

  const clock = (moment) => new Intl.DateTimeFormat(document.documentElement.lang, {
    timeStyle: "medium", hourCycle: "h23", timeZone: document.getElementById("freshness")?.dataset.zone || undefined,
  }).format(moment);

  // What is there to read stays; the drawer has nothing yet, and shows a skeleton.
  const wait = (target) => {
    target.ariaBusy = "true";
    if (target.id === "drawer") show(target, made("waiting"));
  };

  const note = (name, { xhr, target, requestConfig }) => {
    const said = made(name), text = said.firstElementChild.lastChild, number = said.querySelector(".quiet");
    const id = xhr.getResponseHeader("X-Request-ID");
    text.data = text.data.replace("{time}", clock(known.get(target.id) ?? opened));
    if (id) number.textContent = number.textContent.replace("{id}", id);
    else number.remove();
    said.querySelector("a").href = requestConfig.path;
    said.id = `${target.id}-failed`;
    return said;
  };

  const fail = ({ detail }) => {
    const { target } = detail;
    if (target.id === "drawer") {
      const content = made("waiting");
      content.lastElementChild.replaceWith(note("unopened", detail));
      show(target, content);
    } else if (!document.getElementById(`${target.id}-failed`)) target.before(note("kept", detail));
  };

  body.addEventListener("htmx:beforeSend", ({ detail: { xhr, target } }) => timers.set(xhr, setTimeout(wait, 300, target)));
  // Who is sent elsewhere, such as to sign in, has not got the part.
  body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, requestConfig, target } = detail, at = (url) => new URL(url, location.href).pathname;
    const isMissing = requestConfig.triggeringEvent?.type.startsWith("live:") && !xhr.responseText.includes(`id="${target.id}"`);
    if (isMissing || at(xhr.responseURL) !== at(requestConfig.path)) detail.shouldSwap = !(detail.isError = true);
  });
  body.addEventListener("htmx:afterRequest", ({ detail: { xhr, target, successful } }) => {
    clearTimeout(timers.get(xhr));
    target.ariaBusy = null;
    if (!successful) return;
    known.set(target.id, new Date());
    document.getElementById(`${target.id}-failed`)?.remove();
  });
  for (const name of ["responseError", "sendError", "timeout"]) body.addEventListener(`htmx:${name}`, fail);
})();
