// Shows the page anew every few seconds, while somebody looks at it. Without this the browser does, more coarsely.
"use strict";
const main = document.getElementById("main");
const every = 1000 * Number(main.dataset.fresh);
let asking = false;
setInterval(async () => {
  const selected = String(document.getSelection());
  if (asking || document.hidden || selected || main.contains(document.activeElement)) return;
  asking = true;
  try {
    const answer = await fetch(location.href, {credentials: "same-origin"});
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      if (fresh) main.replaceChildren(...fresh.childNodes);
      main.classList.remove("stale");
    } else {
      main.classList.add("stale");
    }
  } catch {
    main.classList.add("stale");
  } finally {
    asking = false;
  }
}, every);
