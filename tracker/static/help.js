// The help of the page beside it: the link "?" and the key open one dialog. Without it the link leads there.
(() => {
  const dialog = document.getElementById("help");
  const text = dialog.querySelector("[data-text]");
  let isLoaded = !dialog.dataset.address;

  const load = async () => {
    text.setAttribute("aria-busy", "true");
    const answer = await fetch(dialog.dataset.address).catch(() => null);
    text.removeAttribute("aria-busy");
    if (!answer?.ok) { text.textContent = text.dataset.offline; return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    text.replaceChildren(...page.body.children);
    isLoaded = true;
  };
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
    dialog.showModal();
    if (!isLoaded) load();
  };

  document.querySelectorAll("[data-help]").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a window of its own was asked for
    event.preventDefault();
    open();
  }));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
    event.preventDefault();
    open();
  });
  // Closed by its button and by a click beside it; Escape is the browser's, as is where the focus returns to.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
})();
