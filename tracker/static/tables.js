// On a narrow screen a row of a table reads as a card: its subject first, each cell under its column.
// Rows are labelled while the page is read, so that none is drawn first and moved then.
(() => {
  const role = (element, name) => element.hasAttribute("role") || element.setAttribute("role", name);
  const isRead = (element) => element.nextElementSibling || document.readyState !== "loading";

  // Laid out as blocks, it would no longer be heard as a table.
  const keep = (table) => {
    if (![...table.tBodies].some((body) => body.rows.length)) return;
    role(table, "table");
    [table.tHead, ...table.tBodies].forEach((group) => group && role(group, "rowgroup"));
    [...table.rows].forEach((row) => {
      role(row, "row");
      const isHead = row.parentElement === table.tHead;
      [...row.cells].forEach((cell) => role(cell, isHead ? "columnheader" : cell.tagName === "TH" ? "rowheader" : "cell"));
    });
  };

  const label = (row, names) => {
    const cells = [...row.cells];
    const subject = ["a b", "a:not(.btn)", ":scope:not(:has(input))"].map((wanted) =>
      cells.find((cell) => cell.matches(wanted) || cell.querySelector(wanted))).find(Boolean);
    cells.forEach((cell, place) => {
      cell.dataset.column = cell === subject ? "" : names[place] ?? "";
      cell.classList.toggle("subject", cell === subject);
    });
  };
  const arrange = (table) => {
    const head = [...(table.tHead?.rows ?? [])].at(-1);
    if (!head || !isRead(table.tHead) || [...head.cells].some((cell) => cell.colSpan > 1)) return;
    table.classList.add("cards");
    keep(table);
    const names = [...head.cells].map((cell) => cell.textContent.trim());
    [...table.tBodies].flatMap((body) => [...body.rows])
      .filter((row) => row.cells[0]?.dataset.column === undefined || !row.nextElementSibling)
      .forEach((row) => label(row, names));
  };
  const all = (root) => root.querySelectorAll(".tblwrap > .tbl:not(.ways), .flat > .tbl").forEach(arrange);
  const reading = new MutationObserver(() => all(document));
  reading.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => {
    reading.disconnect();
    all(document);
    document.querySelectorAll(".timetable").forEach(keep);
  });
  document.addEventListener("htmx:afterSwap", (event) => all(event.target));
})();
