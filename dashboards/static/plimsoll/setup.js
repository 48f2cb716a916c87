// What was just made is shown at the address of its form; a reload must show the page, and not make another.
"use strict";
const setup = document.querySelector("[data-setup]")?.dataset.setup;
if (setup && location.pathname !== setup) history.replaceState(null, "", setup + location.hash);
