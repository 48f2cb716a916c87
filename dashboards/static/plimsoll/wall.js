// The wallboard's own script: clock, live board, rotation, and words for a lost connection. All texts are the page's.
(() => {
  "use strict";
  const page = document.body, said = page.dataset, query = new URLSearchParams(location.search);
  const POLL_MS = 15000, BEAT_MS = 45000, HOLD_MS = 300000, SHIFT_MS = 600000, MINUTE_MS = 60000, LEAST_MS = 2000;
  const SHIFTS = [[0, 0], [3, 2], [-3, 2], [4, -2], [-2, -4], [2, 4], [-4, 0], [0, -3]];
  const rotateMs = Number(said.rotate) * 1000, zone = said.zone, language = document.documentElement.lang;
  const board = () => document.getElementById("board");
  const home = board().dataset.slug;
  const tags = new Map(), etags = new Map();
  let here = home, contact = Date.now(), got = Date.now(), asked = got, stops = readStops(), alarms = null, isPaused = false;
  let turnAt = Date.now() + rotateMs, heldUntil = 0, asking = false, due = 0, stream = null, isStreaming = false;

  function readStops() {
    return [...board().querySelectorAll(".dots i")].map((dot) => ({ slug: dot.dataset.slug, name: dot.dataset.name }));
  }
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const part = (options, at) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(at);
  const clock = (at) => part({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, at);

  function show(node, text) { if (node && node.textContent !== text) node.textContent = text; }

  function tick() {
    const now = Date.now(), at = new Date(now), root = board();
    show(root.querySelector(".clock time"), clock(at));
    const numbers = new Intl.DateTimeFormat("en", { timeZone: zone, day: "numeric", month: "numeric" }).formatToParts(at);
    const day = numbers.find((each) => each.type === "day").value;
    const number = numbers.find((each) => each.type === "month").value;
    const words = { weekday: part({ weekday: "long" }, at), month: part({ month: "long" }, at) };
    show(root.querySelector(".date"), fill(said.date, { ...words, day, number }));
    sayFresh(root, now);
    sayNext(root, now);
    page.classList.toggle("night", isNight(Number(clock(at).slice(0, 2))));
  }

  function sayFresh(root, now) {
    const isLost = now - contact > BEAT_MS, lost = root.querySelector(".lost"), pill = root.querySelector(".pill");
    if (isLost && lost.hidden) {
      const time = clock(new Date(contact));
      lost.hidden = false;
      show(lost.querySelector("b"), fill(said.lost, { time }));
      show(lost.querySelector(".text"), said.lostMore);
      pill.className = "pill bad";
      pill.querySelector(".shape").className = "shape bad";
      show(pill.querySelector(".word"), said.lostWord);
      show(pill.querySelector(".text"), fill(said.lostText, { time }));
      fit();
    }
    // What comes may be no other board than before: that is drawn anew, without the loss.
    if (!isLost && !lost.hidden) return draw();
    if (isLost) root.classList.toggle("stale", root.classList.contains("stale") || now - contact > HOLD_MS);
    if (!isLost && pill.classList.contains("ok") && root.dataset.through) {
      const behind = Date.parse(root.dataset.now) - Date.parse(root.dataset.through) + now - got;
      const seconds = Math.max(0, Math.floor(behind / 1000));
      const text = seconds < 120 ? fill(said.updated, { n: seconds }) : fill(said.updatedMin, { n: Math.floor(seconds / 60) });
      show(pill.querySelector(".text"), text);
    }
  }

  function sayNext(root, now) {
    const line = root.querySelector(".next");
    if (!line) return;
    if (isPaused) show(line, said.paused);
    else if (heldUntil > now) show(line, said.held);
    else show(line, fill(said.next, { name: following(1).name, n: Math.max(0, Math.ceil((turnAt - now) / 1000)) }));
  }

  function isNight(hour) {
    if (!said.night) return false;
    const [from, to] = said.night.split("-").map(Number);
    return from <= to ? from <= hour && hour < to : hour >= from || hour < to;
  }

  function following(step) {
    const at = stops.findIndex((stop) => stop.slug === here);
    return stops[(at + step + stops.length) % stops.length] || stops[0];
  }

  const address = (slug) => said.live.replace(/\/all\/$/, `/${slug}/`) + location.search;

  // Asks for a board; null when it is the one that was had before, or nobody answered.
  async function ask(slug) {
    const headers = { "X-Wallboard": "1" };
    if (etags.has(slug)) headers["If-None-Match"] = etags.get(slug);
    let answer;
    try {
      answer = await fetch(address(slug), { headers, cache: "no-store" });
    } catch { return null; }
    if ([401, 403].includes(answer.status)) { location.reload(); return null; }
    if (!answer.ok && answer.status !== 304) return null;
    contact = Date.now();
    if (answer.status === 304) { if (slug === here) asked = contact; return null; }
    const text = await answer.text();
    etags.set(slug, answer.headers.get("ETag") || "");
    const found = new DOMParser().parseFromString(text, "text/html").getElementById("board");
    if (!found) return null;
    if (found.dataset.version !== board().dataset.version) { location.reload(); return null; }
    tags.set(slug, found);
    return found;
  }

  function put(slug) {
    if (!tags.has(slug)) return;
    here = slug;
    got = asked = Date.now();
    draw();
    if (slug === home && stops.length) { const news = readStops(); if (news.length) stops = news; }
  }

  function draw() {
    const old = board(), link = document.activeElement, focused = old.contains(link) ? link.getAttribute("href") : null;
    old.replaceWith(tags.get(here).cloneNode(true));
    if (focused) [...board().querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus();
    tick();
    fit();
  }

  // A board never scrolls: what has no room is first told shorter, then left out, the least grave first, and counted.
  function fit() {
    for (const row of board().querySelectorAll(".about")) {
      const isCut = [...row.querySelectorAll(".where [translate], .person")].some((name) => name.scrollWidth > name.clientWidth);
      row.classList.toggle("names-only", isCut);
    }
    for (const list of board().querySelectorAll("[data-rest]")) {
      const rows = [...list.querySelectorAll("li:not(.more)")].sort((one, other) => one.dataset.rank - other.dataset.rank);
      const panel = list.closest(".panel") || list;
      const isOver = () => panel.scrollHeight > panel.clientHeight + 1 || list.scrollWidth > list.clientWidth + 1;
      for (const how of ["tight", "short"]) if (isOver()) list.classList.add(how);
      while (rows.length > 1 && isOver()) {
        rows.pop().remove();
        const n = ++list.dataset.rest;
        const more = list.querySelector(".more") || list.appendChild(Object.assign(document.createElement("li"), { className: "more" }));
        show(more, fill(said[n === 1 ? "moreOne" : "more"], { n }));
      }
    }
  }

  function sawAlarms(root) {
    // Where they could not be asked for, those that were known are not new afterwards.
    if (root.dataset.alarming === undefined) return false;
    const now = root.dataset.alarming.split(" ").filter(Boolean);
    const isNew = alarms !== null && now.some((each) => !alarms.has(each));
    alarms = new Set(now);
    return isNew;
  }

  async function refresh() {
    if (asking) return;
    asking = true;
    due = Date.now() + (isStreaming ? MINUTE_MS : POLL_MS);
    try {
      const slug = here, found = await ask(slug);
      const whole = slug === "all" || !stops.length ? found : await ask("all");
      const isAlarmed = whole && whole.dataset.slug === "all" && sawAlarms(whole);
      if (found && slug === here) put(slug);
      if (isAlarmed && stops.length) {
        put("all");
        heldUntil = Date.now() + HOLD_MS;
        turnAt = heldUntil + rotateMs;
      }
    } finally { asking = false; }
  }

  async function turn(step) {
    const next = following(step);
    turnAt = Date.now() + rotateMs;
    heldUntil = 0;
    if (!next) return;
    const found = await ask(next.slug);
    if (found || tags.has(next.slug)) put(next.slug);
  }

  function listen() {
    const from = new URLSearchParams({ topics: "metrics,deployments,incidents,topology" });
    if (query.has("k")) from.set("k", query.get("k"));
    stream?.close();
    stream = new EventSource(`/live?${from}`);
    stream.addEventListener("beat", (event) => {
      isStreaming = true;
      // A server whose database is away has nothing new to say.
      if (JSON.parse(event.data).database !== "away") contact = Date.now();
    });
    stream.addEventListener("hello", (event) => {
      isStreaming = true;
      contact = Date.now();
      if (JSON.parse(event.data).release !== board().dataset.version) location.reload();
    });
    stream.addEventListener("changed", () => {
      contact = Date.now();
      isStreaming = true;
      due = Math.min(due, Math.max(Date.now(), asked + LEAST_MS));
    });
    stream.addEventListener("error", () => { isStreaming = false; due = Math.min(due, Date.now() + POLL_MS); });
  }

  page.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !stops.length) return;
    if (event.key === " ") { event.preventDefault(); isPaused = !isPaused; turnAt = Date.now() + rotateMs; tick(); }
    if (event.key === "ArrowRight") turn(1);
    if (event.key === "ArrowLeft") turn(-1);
  });

  let shifted = 0, shiftAt = Date.now() + SHIFT_MS, listenAt = Date.now() + MINUTE_MS;
  function beat() {
    const now = Date.now();
    tick();
    if (now >= due) refresh();
    if (rotateMs && stops.length > 1 && !isPaused && now >= turnAt && now >= heldUntil) turn(1);
    if (now >= listenAt) { listenAt = now + MINUTE_MS; if (stream.readyState === EventSource.CLOSED) listen(); }
    if (now >= shiftAt) {
      shiftAt = now + SHIFT_MS;
      shifted = (shifted + 1) % SHIFTS.length;
      page.style.transform = `translate(${SHIFTS[shifted][0]}px, ${SHIFTS[shifted][1]}px)`;
    }
  }

  if (board().dataset.slug === "all") sawAlarms(board());
  tags.set(home, board().cloneNode(true));
  due = Date.now() + POLL_MS;
  listen();
  beat();
  fit();
  // Other letters and another window have other room.
  document.fonts.ready.then(draw);
  addEventListener("resize", draw);
  setInterval(beat, 1000);
})();
