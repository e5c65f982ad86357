// The command palette: Ctrl K or "/" opens it, on any keyboard layout. No page needs it.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const said = dialog.querySelector("[role=status]");
  const pause = 120; // milliseconds without a key before anything is asked
  let asking = null; // the request under way; a newer one ends it, so that answers keep their order
  let timer = 0;
  let shown = null; // the text to which the list belongs

  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => list.querySelector("[aria-selected=true]");
  const choose = (option) => {
    active()?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = (page, text) => {
    list.replaceChildren(...page.querySelector("[role=listbox]").children);
    options().forEach((option, place) => {
      option.id = `palette-${place}`;
      option.setAttribute("aria-selected", "false");
    });
    shown = text;
    list.hidden = !options().length;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(options()[0]);
    said.textContent = page.querySelector("p").textContent;
  };
  const ask = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const text = input.value.trim();
    list.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => { said.textContent = said.dataset.searching; }, 250);
    try {
      const answer = await fetch(`${dialog.dataset.address}?${new URLSearchParams({ q: text })}`, { signal: mine.signal });
      if (answer.redirected) { location.assign(answer.url); return; } // signed out meanwhile
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine === asking) show(page, text);
    } catch {
      if (!mine.signal.aborted) said.textContent = said.dataset.offline;
    } finally {
      clearTimeout(slow);
      if (mine === asking) list.removeAttribute("aria-busy");
    }
  };
  const open = (text = "") => {
    if (!dialog.open) {
      if (document.querySelector("dialog[open]")) return;
      dialog.showModal();
    }
    input.value = text;
    input.select();
    if (text) input.setSelectionRange(text.length, text.length);
    ask();
  };

  const step = (by) => {
    const all = options();
    if (all.length) choose(all[(all.indexOf(active()) + by + all.length) % all.length]);
  };
  const moves = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => choose(options()[0]),
    End: () => choose(options().at(-1)),
    // What is typed and not answered yet goes to the page of results, as it does without a script.
    Enter: () => { if (shown === input.value.trim() && active()) active().click(); else if (input.value.trim()) input.form.submit(); },
  };
  input.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move || event.isComposing) return;
    event.preventDefault();
    move();
  });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, pause); });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== active()) choose(option);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); });
  dialog.addEventListener("close", () => { clearTimeout(timer); asking?.abort(); });

  document.querySelectorAll("[data-search]").forEach((box) => {
    box.addEventListener("click", (event) => { event.preventDefault(); open(); });
    box.addEventListener("input", () => { open(box.value); box.value = ""; });
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
    const isSlash = event.key === "/" || (event.code === "Slash" && !event.shiftKey);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyK") {
      event.preventDefault();
      if (dialog.open) dialog.close(); else open();
    } else if (isSlash && isPlain && !isTyping) {
      event.preventDefault();
      open();
    }
  });
})();
