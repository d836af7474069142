"use strict";
// Asks whether something changed and, if so, takes the new page's content over; what the user does stays as it is.
(() => {
  const EVERY = 2000;
  let tag = document.documentElement.dataset.tag;
  const pulse = document.getElementById("pulse");

  const say = (text, lost) => {
    pulse.textContent = text;
    pulse.classList.toggle("lost", Boolean(lost));
  };

  const take = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const sheet = document.querySelector(".sheet");
    const focus = document.activeElement && document.activeElement.getAttribute("href");
    const [left, top] = [sheet ? sheet.scrollLeft : 0, window.scrollY];
    document.querySelector("main").replaceWith(document.adoptNode(fresh.querySelector("main")));
    if (focus) {
      const again = document.querySelector(`a[href="${CSS.escape(focus)}"]`);
      if (again) again.focus({ preventScroll: true });
    }
    const renewed = document.querySelector(".sheet");
    if (renewed) renewed.scrollLeft = left;
    window.scrollTo(window.scrollX, top);
    tag = fresh.documentElement.dataset.tag;
  };

  const look = async () => {
    const begun = performance.now();
    try {
      const answer = await fetch("/", {
        cache: "no-store",
        headers: { Accept: "text/html", "If-None-Match": `"${tag}"` },
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 200) {
        take(await answer.text());
        say(`Live, changed at ${new Date().toLocaleTimeString()}`);
      } else if (answer.status === 304) {
        if (pulse.classList.contains("lost")) say("Live");
      } else {
        say(`Not up to date: the sandbox answered ${answer.status}`, true);
      }
    } catch {
      say("Not up to date: the sandbox does not answer", true);
    }
    // A big sandbox that changes all the time must not spend its time on us.
    setTimeout(next, Math.max(EVERY, 10 * (performance.now() - begun)));
  };

  const next = () => {
    if (document.hidden) document.addEventListener("visibilitychange", next, { once: true });
    else look();
  };

  say("Live");
  setTimeout(next, EVERY);
})();
