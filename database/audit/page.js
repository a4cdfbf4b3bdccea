/* Time on page, as long as the page can be seen. Reports to "views" beside this file:
 *
 *   <script src="/audit/page.js" defer></script>
 *
 * Nothing else is needed, also under "script-src 'self'; connect-src 'self'". Without the script the server still records
 * each view, only without its time. No cookie, no storage, nothing from elsewhere.
 */
((watch) => {
  const script = document.currentScript;
  if (document.prerendering) { // in advance: perhaps nobody will ever look at it
    document.addEventListener("prerenderingchange", () => watch(script), { once: true });
  } else {
    watch(script);
  }
})((script) => {
  "use strict";
  const address = new URL("views", script.src).href;
  const beat = 1000 * Number(script.dataset.heartbeat ?? 60); // 0: none
  const page = performance.getEntriesByType("navigation")[0];
  const given = page?.serverTiming?.find((entry) => entry.name === "audit")?.description ?? "";
  const begun = Math.max(page?.responseStart ?? 0, page?.activationStart ?? 0);
  const begunAt = performance.timeOrigin + begun;
  const bornAt = parseInt(given.replaceAll("-", "").slice(0, 12), 16); // the server's clock
  // A page from the browser's cache carries the id of its first view. Nothing was sent for it, not even a 304, and all of it is
  // there. Behind a service worker every page looks so: there the age of the id decides.
  const isComplete = page?.deliveryType === "cache" || page?.decodedBodySize > 0;
  const isFresh = page?.workerStart > 0 && Math.abs(begunAt - bornAt) < 60_000;
  const isCached = page?.transferSize === 0 && isComplete && !isFresh;
  const isKnown = !isCached && /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(given);
  // the server's clock as far as it is known: that of this machine may be wrong. performance.now() stands still while it sleeps
  const ahead = isKnown ? begunAt - bornAt : 0;

  let view; // { id, path, referrer, seconds, since }; id null: of a view that only the server knows

  const route = () => (/^#!?\//.test(location.hash) ? location.hash : ""); // any other is a place in the page
  const where = () => location.pathname + location.search + route();
  const isVisible = () => document.visibilityState === "visible";

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let time = Math.floor(Date.now() - ahead);
    for (let place = 5; place >= 0; place -= 1) {
      bytes[place] = time % 256;
      time = Math.floor(time / 256);
    }
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  function begin(id, referrer, since) {
    view = { id, referrer, path: where(), seconds: 0, since: isVisible() ? since : null };
  }

  /** Take the time until now into account. */
  function pause() {
    if (view.since !== null) {
      view.seconds += (performance.now() - view.since) / 1000;
      view.since = null;
    }
  }

  function goOn() {
    if (isVisible() && view.since === null) {
      view.since = performance.now();
    }
  }

  function report() {
    const { id, path, referrer, seconds } = view;
    if (id === null) {
      return;
    }
    const text = JSON.stringify({ id, path, referrer, seconds: Math.round(seconds * 1000) / 1000, title: document.title });
    if (!navigator.sendBeacon?.(address, text)) {
      fetch(address, { method: "POST", body: text, keepalive: true }).catch(() => {});
    }
  }

  /** Single-page navigation: another address without another document. */
  function moved() {
    if (where() !== view.path) {
      pause();
      report();
      begin(newId(), location.origin + view.path, performance.now());
      report();
    }
  }

  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...values) {
      const result = original.apply(this, values);
      moved();
      return result;
    };
  }
  addEventListener("popstate", moved);
  window.navigation?.addEventListener("currententrychange", moved); // navigation.navigate(), where routers use it

  document.addEventListener("visibilitychange", () => {
    if (isVisible()) {
      goOn();
    } else {
      pause();
      report();
    }
  });
  addEventListener("pagehide", () => {
    if (view.since !== null) { // else it was hidden before, and has been reported
      pause();
      report();
    }
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) { // back from the browser's memory: another view of the same document
      begin(newId(), document.referrer, performance.now());
      report();
    }
  });
  if (beat > 0) {
    setInterval(() => {
      if (view.since !== null) {
        pause();
        goOn();
        report();
      }
    }, beat);
  }

  // over plain HTTP (and in older browsers) the id is there, but cannot be seen: a view of our own would be the page's second
  const isHidden = !isKnown && !isCached && !(isSecureContext && page?.serverTiming);
  const isOurs = !isKnown && !isHidden;
  begin(isOurs ? newId() : isHidden ? null : given, document.referrer, begun);
  if (isOurs) {
    report();
  }
});
