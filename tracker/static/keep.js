// Nothing typed is lost: forms are kept in this tab until the server has taken them, and nothing is
// sent while there is no connection. No page needs it.
(() => {
  const line = document.getElementById("connection");
  const { user, reach } = line.dataset;
  const prefix = "kept:", longest = 24 * 3600 * 1000;
  const store = window.sessionStorage;
  const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const write = (key, entry) => { try { store.setItem(key, JSON.stringify(entry)); } catch { /* full: the form itself stays */ } };
  const keys = () => Object.keys(store).filter((key) => key.startsWith(prefix));

  // What the server took, what is another person's, and what is a day old, is not kept any longer.
  const taken = /(?:^|; )sent=([\w-]+)/.exec(document.cookie)?.[1];
  if (taken) document.cookie = "sent=; path=/; max-age=0; samesite=lax";
  keys().forEach((key) => {
    const entry = read(key);
    const isOthers = user && entry?.user !== user;
    if (!entry || entry.id === taken || isOthers || Date.now() - entry.at > longest) store.removeItem(key);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-signs-out]") && !event.defaultPrevented) keys().forEach((key) => store.removeItem(key));
  });

  const own = (field) => field.name && !field.matches("[type=hidden], [type=password], [type=file], [type=submit], button, fieldset, output, [data-unkept]");
  const isOn = (field) => !field.matches("[type=checkbox], [type=radio]") || field.checked;
  const valuesOf = (form) => [...form.elements].filter(own).flatMap((field) => {
    if (field.matches("select")) return [...field.selectedOptions].map((option) => [field.name, option.value]);
    return isOn(field) ? [[field.name, field.value]] : [];
  });
  const fill = (form, values) => {
    const of = (name) => values.filter(([key]) => key === name).map(([, value]) => value);
    [...form.elements].filter(own).forEach((field) => {
      const found = of(field.name);
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = found.includes(field.value);
      else if (field.matches("select")) [...field.options].forEach((option) => { option.selected = found.includes(option.value); });
      else if (found.length) [field.value] = found;
    });
  };
  // The version that the person saw goes with what they typed: what others changed since is told.
  const versionOf = (form) => form.querySelector("input[type=hidden][name=version]");

  let isDirty = false;
  const guard = (form) => {
    const to = new URL(form.getAttribute("action") ?? "", location.href);
    to.searchParams.delete("tour");
    const key = prefix + user + ":" + to.pathname + to.search;
    const before = JSON.stringify(valuesOf(form));
    const page = location.pathname + location.search;
    const version = versionOf(form);
    // The page is the answer to what was sent: refused, or filled from what was read for it.
    const isAnswer = document.querySelector(".errors, [data-read]") !== null;
    const forget = () => { store.removeItem(key); form.querySelector(".kept")?.remove(); isDirty = false; };
    const tell = (text) => {
      if (form.querySelector(".kept")) return;
      const told = clone("kept-here");
      if (text) told.querySelector("p").textContent = text;
      told.querySelector("button").addEventListener("click", () => { forget(); location.reload(); });
      form.prepend(told);
    };
    const keep = () => {
      const values = valuesOf(form);
      if (JSON.stringify(values) === before && !isAnswer) { forget(); return; }
      const old = read(key);
      write(key, { id: old?.id ?? crypto.randomUUID(), user, at: Date.now(), values, tried: old?.tried ?? false,
        page: isAnswer && old ? old.page : page, version: version?.value });
    };
    const entry = read(key);
    if (entry && isAnswer) keep();
    else if (entry) {
      fill(form, entry.values);
      if (version && entry.version) version.value = entry.version;
      tell();
      form.querySelector("details:not([open]) :is(input, select, textarea)")?.closest("details").toggleAttribute("open", true);
    }
    form.addEventListener("input", () => { isDirty = true; keep(); });
    form.addEventListener("change", keep);
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      keep();
      const kept = read(key);
      if (!kept) { isDirty = false; return; }
      write(key, { ...kept, tried: true });
      let mark = form.querySelector("input[name=kept_as]");
      if (!mark) { mark = Object.assign(document.createElement("input"), { type: "hidden", name: "kept_as" }); form.append(mark); }
      mark.value = kept.id;
      isDirty = false;
    });
    return key;
  };
  const guarded = user ? [...document.querySelectorAll("form[data-guard]")].map(guard) : [];
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  // What was sent and never taken is spoken of wherever the person is; strangers are told that it is there.
  const lost = keys().filter((key) => read(key)?.tried && !guarded.includes(key)).at(-1);
  if (lost) {
    const told = clone(user ? "kept-away" : "kept-out");
    if (user) {
      told.querySelector("a").href = read(lost).page;
      told.querySelector("button").addEventListener("click", () => { store.removeItem(lost); told.remove(); });
    }
    line.after(told);
  }

  // The connection: said when it goes and when it is back.
  const again = 5000, patience = 4000, shown = 8000;
  let isLost = false, timer = 0;
  const say = (word) => {
    line.hidden = !word;
    line.querySelector("p").textContent = word ? line.dataset[word] : "";
    line.classList.toggle("ok", word === "back");
    line.classList.toggle("warn", word !== "back");
  };
  const answers = () => fetch(reach, { cache: "no-store", headers: { "X-Background": "1" }, signal: AbortSignal.timeout(patience) })
    .then((answer) => answer.ok, () => false);
  const found = () => {
    if (!isLost) return;
    isLost = false;
    clearTimeout(timer);
    say("back");
    setTimeout(() => { if (!isLost) say(""); }, shown);
  };
  const look = async () => {
    if (await answers()) found();
    else { clearTimeout(timer); timer = setTimeout(look, again); }
  };
  const lose = () => {
    if (isLost) return;
    isLost = true;
    say("lost");
    timer = setTimeout(look, again);
  };
  window.addEventListener("offline", lose);
  window.addEventListener("online", look);
  document.addEventListener("unreached", lose); // a part of the page was not answered
  if (!navigator.onLine) lose();
  // What would be lost without a connection waits for one: first it is asked whether there is one.
  const hold = (event, go, word) => {
    if (!isLost || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    answers().then((isThere) => { if (isThere) { found(); go(); } else say(word); });
  };
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    hold(event, () => form.requestSubmit(submitter), "refused");
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.getAttribute("href").startsWith("#") || event.ctrlKey || event.metaKey || !/^http/.test(link.protocol)) return;
    hold(event, () => { location.href = link.href; }, "unread");
  }, true);
})();
