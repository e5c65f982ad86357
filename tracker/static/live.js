// A page that stays true by itself: asks every moment whether anything has changed, puts in what did
// without moving the rest, and says so when it cannot know.
(() => {
  const board = document.getElementById("live");
  const state = document.getElementById("live-state");
  const patience = 5000;
  const positions = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, positions];
  let heard = Date.now();

  const say = (isLive) => {
    const text = isLive ? state.dataset.fresh : state.dataset.lost.replace("%s", board.querySelector("[data-moment]").dataset.moment);
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("lost", !isLive);
    board.classList.toggle("lost", !isLive);
  };
  const isFresh = () => Date.now() - heard < patience;

  board.addEventListener("htmx:configRequest", (event) => {
    if (document.hidden) event.preventDefault();
    event.detail.headers["If-None-Match"] = board.dataset.version;
    // The screen on a wall is in use while it hangs there; at a desk only a person's doing counts.
    if (!document.body.classList.contains("wall")) event.detail.headers["X-Background"] = "1";
  });
  board.addEventListener("htmx:beforeSend", () => board.setAttribute("aria-busy", "true"));
  board.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status !== 200) return;
    // Another page answered, as where the session has ended: show that page instead of this one.
    if (!xhr.getResponseHeader("ETag")) { event.detail.shouldSwap = false; location.reload(); return; }
    board.dataset.version = xhr.getResponseHeader("ETag");
  });
  board.addEventListener("htmx:afterSwap", () => {
    positions.replaceSync(document.getElementById("live-style").content.textContent);
  });
  board.addEventListener("htmx:afterRequest", (event) => {
    board.removeAttribute("aria-busy");
    const { status } = event.detail.xhr;
    if (status === 200 || status === 304) heard = Date.now();
    say(status === 200 || status === 304);
  });
  setInterval(() => { if (!document.hidden && !isFresh()) say(false); }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    say(isFresh());
    htmx.trigger(board, "look");
  });
})();
