// Draws the figures of a page with plotly.js, over what the server drew. Reading works without it.
"use strict";

(() => {
  const probe = document.createElement("i");
  probe.hidden = true;

  // A token is what the theme makes of it: asked of the browser, for it may differ by scheme.
  const colour = (token) => {
    probe.style.color = token;
    return getComputedStyle(probe).color;
  };

  const themed = (value) => {
    if (typeof value === "string") {
      if (value === "inherit") return getComputedStyle(document.body).fontFamily;
      return value.startsWith("var(--") ? colour(value) : value;
    }
    if (Array.isArray(value)) return value.map(themed);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, themed(each)]));
    return value;
  };

  const draw = (chart) => {
    const source = chart.querySelector(".figure-json");
    if (!source || !window.Plotly) return;
    const figure = themed(JSON.parse(source.textContent));
    let place = chart.querySelector(".live");
    const isNew = !place;
    if (isNew) {
      place = document.createElement("div");
      place.className = "live";
      place.ariaHidden = "true";
      chart.querySelector(".plot").append(place);
    }
    const calm = { displayModeBar: false, responsive: true, doubleClick: false, showTips: false };
    window.Plotly.react(place, figure.data, { ...figure.layout, autosize: true }, calm).then(() => {
      if (!isNew) return;
      chart.querySelector(".drawn").hidden = true;
      place.on("plotly_click", (event) => {
        const target = event.points.map((point) => point.customdata).find((each) => typeof each === "string" && /^[?/]/.test(each));
        if (target) location.assign(target);
      });
    });
  };

  const drawAll = () => document.querySelectorAll(".chart").forEach(draw);

  document.body.append(probe);
  const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
    if (!entry.isIntersecting) return;
    seen.unobserve(entry.target);
    draw(entry.target);
  }), { rootMargin: "200px" });
  const watch = () => document.querySelectorAll(".chart").forEach((chart) => seen.observe(chart));
  watch();
  document.addEventListener("htmx:afterSettle", watch);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
