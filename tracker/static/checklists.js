// A long list to choose from: what is chosen stands first, a few letters find the rest.
(() => {
  const manyToRead = 12;
  document.querySelectorAll("ul.checks[data-find]").forEach((list, place) => {
    const lines = [...list.children];
    if (lines.length <= manyToRead) return;
    list.prepend(...lines.filter((line) => line.querySelector(":checked")));

    const field = document.createElement("input");
    Object.assign(field, { id: `find-${place}`, type: "search", className: "input", placeholder: list.dataset.find, autocomplete: "off" });
    field.setAttribute("aria-label", list.dataset.find);
    list.before(field);
    const matches = () => lines.filter((line) => !line.hidden);
    field.addEventListener("input", (event) => {
      event.stopPropagation();
      const words = field.value.toLocaleLowerCase().split(/\s+/);
      lines.forEach((line) => {
        const text = line.textContent.toLocaleLowerCase();
        line.hidden = !words.every((word) => text.includes(word));
      });
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (!field.value.trim() || matches().length !== 1) return;
      matches()[0].querySelector("input").click();
      field.value = "";
      field.dispatchEvent(new Event("input"));
    });
  });
})();
