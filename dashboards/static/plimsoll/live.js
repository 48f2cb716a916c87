// Keeps a page up to date: hears which topics changed and has htmx fetch the parts that show them (live:<topic>).
"use strict";
(() => {
  const body = document.body;
  const topics = body.dataset.live.split(/[\s,]+/).filter(Boolean);
  const POLL_S = 15, HIDDEN_S = 60, BEAT_S = 45, news = [];
  let source, poll, every = 0, silence, release, opened = false, busy = 0, pill = document.getElementById("freshness");

  // What a part hears while it is asked for is lost with it: news wait until nothing is on its way.
  const tell = (names) => {
    news.push(...names);
    if (!busy) for (const name of new Set(news.splice(0))) body.dispatchEvent(new Event(`live:${name}`));
  };
  body.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => {
    busy++;
    xhr.addEventListener("loadend", () => { busy--; tell([]); });
  });

  const show = (status, shape, word, text = "") => {
    if (pill.dataset.shown === status + word + text) return;
    pill.dataset.shown = status + word + text;
    pill.className = `pill ${status}`;
    const part = (kind, said) => Object.assign(document.createElement(kind), { textContent: said });
    const sign = Object.assign(part("span", shape), { className: "shape", ariaHidden: "true" });
    pill.replaceChildren(sign, " ", part("strong", word), ...(text ? [" ", part("span", text)] : []));
  };

  const clock = (moment, now) => new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: pill.dataset.zone || undefined,
    ...(now - moment > 72e6 && { month: "short", day: "numeric" }),
  }).format(moment);

  const lost = () => show("bad", "▲", pill.dataset.lost);

  // Both times are the server's: a clock that is wrong here does no harm.
  const fresh = (beat) => {
    clearTimeout(silence);
    silence = setTimeout(lost, BEAT_S * 1000);
    if (beat.database) return lost();
    if (!beat.telemetry) return;
    const shown = pill.className, now = new Date(beat.now), through = new Date(beat.telemetry), minutes = (now - through) / 6e4;
    if (minutes <= 2) show("ok", "●", pill.dataset.live, clock(through, now));
    else if (minutes <= 5) show("warn", "◆", pill.dataset.behind.replace("{n}", Math.floor(minutes)));
    else show("bad", "▲", pill.dataset.stale, pill.dataset.ends.replace("{time}", clock(through, now)));
    // What telemetry told is past where it is stale, and now again when it is not.
    if ((shown === "pill bad") !== (pill.className === "pill bad")) tell(topics);
  };

  // Without a stream the page itself says how fresh it is.
  const ask = () => {
    tell(topics);
    fetch(location.href).then((answer) => answer.ok ? answer.text() : Promise.reject()).then((text) => {
      const now = new DOMParser().parseFromString(text, "text/html").getElementById("freshness");
      if (!now) return;
      pill.replaceWith(pill = now);
    }).catch(lost);
  };

  // Asked for again it goes on: a stream that fails every few seconds must not put it off for ever.
  const polling = (seconds) => {
    if (seconds === every) return;
    every = seconds;
    clearInterval(poll);
    if (seconds) poll = setInterval(ask, seconds * 1000);
  };

  // A browser opens six connections to a server: only tabs that are seen keep one.
  const open = () => {
    source?.close();
    clearTimeout(silence);
    if (document.hidden) return polling(HIDDEN_S);
    polling(POLL_S);
    source = new EventSource(`/live?topics=${topics.join(",")}`);
    source.addEventListener("hello", (event) => {
      polling(0);
      const hello = JSON.parse(event.data);
      if (release && release !== hello.release) return location.reload();
      release = hello.release;
      if (opened) tell(topics);
      opened = true;
    });
    source.addEventListener("changed", (event) => tell(event.data.split(" ")));
    source.addEventListener("beat", (event) => fresh(JSON.parse(event.data)));
    source.addEventListener("error", () => polling(POLL_S));
  };

  open();
  document.addEventListener("visibilitychange", open);
  addEventListener("pageshow", (event) => event.persisted && open());

  // Swaps leave alone what is the same, being typed into or open as a dialog, and keep what was opened and scrolled.
  const last = new Map();
  // The last to be asked: what another script refuses was not shown.
  addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr, requestConfig } = event.detail;
    if (xhr.status === 304) event.detail.shouldSwap = false;
    if (!event.detail.shouldSwap || !requestConfig.triggeringEvent?.type.startsWith("live:")) return;
    const focus = target.contains(document.activeElement) && document.activeElement;
    const isUsed = target.querySelector("dialog[open], :popover-open") || (focus && focus.matches("input, select, textarea"));
    if (isUsed || last.get(target.id) === xhr.responseText) event.detail.shouldSwap = false;
    else last.set(target.id, xhr.responseText);
    if (!event.detail.shouldSwap) return;
    const before = [target, ...target.querySelectorAll("[id]")].map((each) => [each.id, each.open, each.scrollTop, each.scrollLeft]);
    body.addEventListener("htmx:afterSwap", () => {
      for (const [id, open, top, left] of before) {
        const now = document.getElementById(id);
        if (now?.tagName === "DETAILS") now.open = open;
        if (top || left) now?.scrollTo(left, top);
      }
      if (focus) document.getElementById(focus.id)?.focus({ preventScroll: true });
    }, { once: true });
  });
})();
