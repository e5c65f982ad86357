// Puts requests and meetings into the schedule, by dragging or by keys. Nothing is booked here:
// where something is let go, the form opens with that place filled in.
(() => {
  const board = document.querySelector("[data-board][data-place]");
  if (!board) return;
  const { place, move, by, first, last } = board.dataset;
  const said = document.querySelector("[data-said]");
  const step = 15;
  const say = (text) => { said.textContent = text; };
  const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const cells = () => [...board.querySelectorAll("[data-drop]")];
  let held = null;
  let cell = null;
  let minutes = null;

  // The time under the pointer, where the schedule shows one day on an axis.
  const minutesAt = (target, x) => {
    if (!first) return null;
    const box = target.getBoundingClientRect();
    const share = Math.min(Math.max((x - box.left) / box.width, 0), 1);
    const found = first * 60 + share * (last - first) * 60;
    return Math.min(Math.round(found / step) * step, last * 60 - step);
  };

  const mark = (target, at) => {
    cells().forEach((each) => each.classList.toggle("target", each === target));
    board.querySelector(".slotmark")?.remove();
    if (target && at !== null && first) {
      const slot = document.createElement("i");
      slot.className = "slotmark";
      slot.textContent = clock(at);
      slot.style.insetInlineStart = `${((at - first * 60) / ((last - first) * 60)) * 100}%`;
      target.append(slot);
    }
  };

  const letGo = () => { held?.classList.remove("picked"); held = cell = minutes = null; mark(null, null); };

  const put = (item, target, at) => {
    const query = new URLSearchParams({ day: target.dataset.day });
    if (by !== "delegation") query.set(by, target.dataset.drop);
    if (at !== null) query.set("starts", clock(at));
    const { request, meeting } = item.dataset;
    location.href = request ? `${place}${request}/place?${query}` : `${move}${meeting}/edit?${query}`;
  };

  document.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-request], [data-meeting]");
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.href);
  });
  document.addEventListener("dragend", letGo);
  board.addEventListener("dragover", (event) => {
    const target = event.target.closest("[data-drop]");
    if (!held || !target) return;
    event.preventDefault();
    mark(target, minutesAt(target, event.clientX));
  });
  board.addEventListener("drop", (event) => {
    const target = event.target.closest("[data-drop]");
    if (!held || !target) return;
    event.preventDefault();
    put(held, target, minutesAt(target, event.clientX));
  });

  // The same by keys: P picks up, arrows choose, Enter puts, Escape lets go.
  const show = () => {
    mark(cell, minutes);
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    const line = cell.closest("tr, .tl-r").querySelector("b").textContent;
    say([line, cell.dataset.day, minutes === null ? "" : clock(minutes)].join(" "));
  };
  const go = (rows, columns) => {
    const all = cells();
    const width = all.filter((each) => each.parentElement === cell.parentElement).length;
    if (first && columns) {
      minutes = Math.min(Math.max(minutes + columns * step, first * 60), last * 60 - step);
    } else {
      const next = all[all.indexOf(cell) + rows * width + columns];
      if (next) cell = next;
    }
    show();
  };
  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  document.addEventListener("keydown", (event) => {
    if (!held && event.key.toLowerCase() === "p" && !event.ctrlKey && !event.metaKey) {
      const item = event.target.closest("[data-request], [data-meeting]");
      if (!item || !cells().length) return;
      event.preventDefault();
      held = item;
      held.classList.add("picked");
      cell = item.closest("[data-drop]") || cells()[0];
      minutes = first ? Math.max(first * 60, 9 * 60) : null;
      mark(cell, minutes);
      say(said.dataset.picked);
      return;
    }
    if (!held) return;
    if (arrows[event.key]) { event.preventDefault(); go(...arrows[event.key]); }
    if (event.key === "Enter") { event.preventDefault(); put(held, cell, minutes); }
    if (event.key === "Escape") { letGo(); say(said.dataset.letGo); }
  });
})();
