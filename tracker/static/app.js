// What the pages do beyond reading: settings, keys, confirmations. No page needs it.
(() => {
  const root = document.documentElement;
  const secure = location.protocol === "https:" ? "; secure" : "";
  const yearOfSeconds = 31536000, hourOfSeconds = 3600, dayOfMilliseconds = 86400000;

  // Display settings live in cookies, so that the server draws the first paint with them.
  document.querySelectorAll("[data-setting]").forEach((button) => button.addEventListener("click", () => {
    const { setting, value } = button.dataset;
    if (value) root.dataset[setting] = value; else delete root.dataset[setting];
    const age = value ? yearOfSeconds : 0;
    document.cookie = `${setting}=${value}; path=/; max-age=${age}; samesite=lax${secure}`;
    document.querySelectorAll(`[data-setting="${setting}"]`).forEach((other) =>
      other.setAttribute("aria-pressed", String(other === button)));
  }));

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // Work under way is looked at again until it is done; what one reads is not moved meanwhile.
  const during = async (part, asking) => { // a screen reader waits with what is being fetched
    part?.setAttribute("aria-busy", "true");
    try { return await asking.catch(() => null); } finally { part?.removeAttribute("aria-busy"); }
  };
  const look = async () => {
    const asking = fetch(location.href, { headers: { "X-Background": "1" } });
    const answer = await during(document.querySelector("[data-live]"), asking);
    if (!answer?.ok) { document.dispatchEvent(new Event("unreached")); setTimeout(look, 5000); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [now, then] = [document.querySelector("[data-live]"), page.querySelector("[data-live]")];
    if (!then) { location.reload(); return; }
    now.innerHTML = then.innerHTML;
    setTimeout(look, 1500);
  };
  if (document.querySelector("[data-live]")) setTimeout(look, 1500);

  // A file is written whole before it leaves, and takes this cookie with it; until then one is told.
  document.querySelectorAll("a[data-writing]").forEach((link) => link.addEventListener("click", (event) => {
    if (link.ariaBusy === "true") { event.preventDefault(); return; }
    const said = document.createElement("output");
    const wait = () => {
      if (document.cookie.includes("awaited=1")) { said.textContent = link.dataset.writing; setTimeout(wait, 400); }
      else { said.remove(); link.ariaBusy = null; }
    };
    link.after(said);
    link.ariaBusy = "true";
    document.cookie = `awaited=1; path=/; max-age=${hourOfSeconds}; samesite=lax${secure}`;
    setTimeout(wait, 400);
  }));

  // What begins later ends later by as much.
  document.querySelectorAll("[data-follows]").forEach((end) => {
    const start = document.querySelector(end.dataset.follows);
    let before = start.valueAsNumber;
    start.addEventListener("change", () => {
      const step = start.valueAsNumber - before;
      if (step && end.value) end.valueAsNumber = (end.valueAsNumber + step + dayOfMilliseconds) % dayOfMilliseconds;
      if (start.value) before = start.valueAsNumber;
    });
  });
  // What others have written meanwhile is announced beside what one reads or types.
  const news = document.querySelector("[data-news]");
  if (news) setInterval(async () => {
    const answer = await during(news, fetch(news.dataset.news, { headers: { "X-Background": "1" } }));
    if (!answer) document.dispatchEvent(new Event("unreached"));
    if (answer?.ok && !answer.redirected) news.innerHTML = await answer.text();
  }, 15000);

  document.querySelectorAll("textarea[data-send]").forEach((field) => field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); field.form.requestSubmit(); }
  }));

  // "All" boxes, and the number of chosen rows on the button.
  document.querySelectorAll("[data-all]").forEach((all) => {
    const boxes = [...document.querySelectorAll(`input[name="${all.dataset.all}"]`)], everybody = document.querySelector("[data-everybody]");
    const chosen = document.querySelector("[data-chosen]"), digits = new Intl.NumberFormat(document.documentElement.lang);
    const count = () => {
      const number = boxes.filter((box) => box.checked).length;
      all.checked = number === boxes.length;
      all.indeterminate = number > 0 && !all.checked;
      if (chosen) chosen.textContent = everybody?.checked ? everybody.dataset.everybody : digits.format(number);
    };
    all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); count(); });
    [...boxes, ...everybody ? [everybody] : []].forEach((box) => box.addEventListener("change", count));
    count();
  });
  document.querySelectorAll("select[data-submit]").forEach((select) =>
    select.addEventListener("change", () => select.form.requestSubmit()));

  // A ready answer goes to where the cursor stands, without leaving the page.
  document.querySelectorAll("select[data-insert]").forEach((select) => select.form.addEventListener("submit", (event) => {
    const [chosen] = select.selectedOptions;
    const field = document.querySelector(select.dataset.insert);
    if (!chosen || !field) return;
    event.preventDefault();
    field.setRangeText(chosen.dataset.text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }));

  // Menus close when one clicks elsewhere or presses Escape.
  document.addEventListener("click", (event) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  }));

  // The tour marks the part of the page that it speaks of; a rule outlives what is drawn anew.
  const tour = document.querySelector(".tour[data-marks]");
  if (tour) {
    const marks = new CSSStyleSheet();
    marks.replaceSync(`@media screen{:is(${tour.dataset.marks}){outline:2px dashed var(--accent);outline-offset:4px}}`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, marks];
  }

  const errors = document.querySelector(".errors");
  if (errors) errors.focus();

  const isTyping = (event) => event.target.matches("input:not([type=checkbox]), textarea, select");
  const rows = () => [...document.querySelectorAll(".tbl tbody tr")];
  const current = () => document.querySelector(".tbl tr[aria-selected=true]");
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const from = all.indexOf(current());
    const to = Math.max(0, Math.min(all.length - 1, from + step));
    if (from >= 0) all[from].removeAttribute("aria-selected");
    all[to].setAttribute("aria-selected", "true");
    all[to].scrollIntoView({ block: "nearest" });
    all[to].querySelector("a, button, input, select")?.focus({ preventScroll: true }); // heard, and Tab goes on from it
  };
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => { const box = current()?.querySelector("input[type=checkbox]"); if (box) box.click(); },
    Enter: () => current()?.querySelector("a")?.click(),
    e: () => document.querySelector("[data-edit]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => {
      const isInside = menu.contains(document.activeElement);
      menu.open = false;
      if (isInside) menu.querySelector("summary").focus(); // else it would be nowhere
    });
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const action = keys[event.key];
    if (!action || (event.key === "Enter" && event.target !== document.body)) return;
    action();
  });
})();
