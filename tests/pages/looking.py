"""What a browser finds wrong on a page: everything at once, in words that say where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Request
from playwright.sync_api import Page as Tab

from tracker.kernel.permissions import Role

READERS = (None, *Role)
# Advice of Chromium that is not for a system like this: what is filled in, how cookies are read.
ADVICE = ("FormInputAssignedAutocompleteValueToIdOrNameAttributeError", "PerformanceIssue")
SHIFTED = 0.05  # half of what is good by Web Vitals; a busy machine draws in pieces
PAPER = 718  # A4 within margins of 10 mm, in CSS pixels
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# What axe leaves out unless it is asked.
ASKED = {
    name: {"enabled": True}
    for name in (
        "identical-links-same-purpose",
        "label-content-name-mismatch",
        "table-fake-caption",
        "target-size",
        "td-has-header",
    )
}
CHECK = """async (options) => (await axe.run(document, options)).violations.map(
  (found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`)"""
WIDER = """() => document.documentElement.scrollWidth > innerWidth"""
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 2).map((each) => each.outerHTML.slice(0, 160))"""
# Text that stands in pieces of a word, one under the other.
SQUEEZED = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const words = [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.data.trim()).join(" ");
  if (words.length < 8 || !each.checkVisibility() || !(each.offsetWidth > 1)) return false;
  const range = document.createRange(), size = parseFloat(getComputedStyle(each).fontSize);
  range.selectNodeContents(each);
  const box = range.getBoundingClientRect();
  return box.width > 0 && box.width < 3 * size && box.height > 7 * size;
}).slice(0, 2).map((each) => each.outerHTML.slice(0, 160))"""
CUT = """() => [...document.querySelectorAll(".tblwrap, .flat")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 160))"""
TELEPHONE = 390
# What the keyboard reaches and nobody sees: without a mark (WCAG 2.2, 2.4.7), or under what stands
# over the page (2.4.11).
UNSEEN = """(root) => {
  const wrong = (each) => {
    each.focus({ focusVisible: true });
    if (document.activeElement !== each) return "takes no focus";
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) return "focus without a mark";
    const box = each.getBoundingClientRect(), tops = [];
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [upper, lower] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    for (const x of [0.1, 0.5, 0.9]) for (const y of [0.2, 0.5, 0.8]) tops.push(
      document.elementFromPoint(left + (right - left) * x, upper + (lower - upper) * y));
    const own = [each, ...(each.labels ?? [])];
    const isSeen = tops.some((top) =>
      top && (top.contains(each) || own.some((part) => part.contains(top))));
    return isSeen ? "" : "focus out of sight";
  };
  const reached = "a[href], button, input, select, textarea, summary, [tabindex]";
  const alike = "tbody tr:nth-child(n + 4):not(:last-child), li:nth-child(n + 4):not(:last-child)";
  const found = [...document.querySelector(root).querySelectorAll(reached)].filter((each) =>
    each.tabIndex >= 0 && !each.disabled && !each.closest("[inert]") &&
    !(root === "main" && each.closest(alike)) && each.checkVisibility({ visibilityProperty: true })
  ).map((each) => [wrong(each), each.outerHTML.slice(0, 160)]).filter(([words]) => words);
  document.activeElement?.blur();
  scrollTo(0, 0);
  return found.slice(0, 3).map((each) => each.join(": "));
}"""
# What the page shows, without the numbers and tokens of its markup, and the words around it.
PARTS = """() => {
  const main = document.querySelector("main").outerHTML;
  const frame = document.body.outerHTML.replace(main, "").replace(/ [\\w-]+="[^"]*"/g, "");
  return [frame, main.replace(/<[^>]*>/g, (tag) =>
    tag.replace(/\\d+/g, "0").replace(/ value="[^"]{30,}"/, ""))];
}"""
BASICS = """() => [
  ["no standards mode", document.compatMode !== "CSS1Compat"],
  ["not UTF-8", document.characterSet !== "UTF-8"],
  ["not one h1", document.querySelectorAll("h1").length !== 1],
  ["no main", !document.querySelector("main")],
  ...[...document.images].filter((image) => image.complete && image.naturalWidth).map((image) => [
    `distorted: ${image.src}`,
    getComputedStyle(image).objectFit === "fill" &&
    Math.abs(image.width / image.height - image.naturalWidth / image.naturalHeight) > 0.05]),
  ...[...document.images].map((image) => [`not loaded: ${image.src}`,
    image.complete && !image.naturalWidth]),
].filter(([, isWrong]) => isWrong).map(([words]) => words)"""
# Words that a page shows and was not sent with; a clock on it may have moved on meanwhile.
ONLY_BY_SCRIPT = """async () => {
  const words = (root, isRead) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = new Set();
    while (texts.nextNode())
      if (isRead(texts.currentNode.parentElement))
        texts.currentNode.data.split(/\\s+/).filter(Boolean).forEach((word) => found.add(word));
    return found;
  };
  const sent = new DOMParser().parseFromString(await (await fetch(location)).text(), "text/html");
  const known = words(sent.querySelector("main"), () => true);
  const seen = words(document.querySelector("main"), (element) => element.checkVisibility());
  return [...seen].filter((word) => !known.has(word) && !/^\\d\\d:\\d\\d,?$/.test(word));
}"""
ON_PAPER = """() => [...document.querySelectorAll(".side, .top, .tabbar, .skip, dialog, [popover]")]
  .filter((each) => each.checkVisibility()).map((each) => each.className || each.tagName)"""


@dataclass(frozen=True)
class Turn:
    """How the pages of a language are looked at: in the first theme and width as a whole, in the
    others for what these change. The turns together have every theme and width."""

    themes: tuple[str, ...]
    widths: tuple[int, ...]
    is_enlarged: bool = False
    is_printed: bool = False
    is_compared: bool = False  # with what the server sent: it is read without a script, too


# 720 and 320: 1440 and 1280 at 200 % and 400 % (WCAG 2.2, 1.4.10)
TURNS = {
    "en": Turn(("light", "contrast-dark"), (1440, 720), is_compared=True),
    "ru": Turn(("dark",), (390, 320), is_enlarged=True, is_printed=True),
    "kk": Turn(("contrast",), (1024, 390)),
}


class Look:
    """One tab that opens page after page and keeps what it is told on the way.

    What other readers were shown as well is not looked at again: `known` has the parts of pages
    that were looked at in this turn.
    """

    def __init__(self, context: BrowserContext, turn: Turn, known: set[str]) -> None:
        context.add_init_script(SHIFTS)
        self.tab: Tab = context.new_page()
        self.turn, self.known = turn, known
        self.told: list[str] = []
        self._listen(context)

    def _listen(self, context: BrowserContext) -> None:
        """Be told of errors, and of what Chromium calls issues."""
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.told.append(f"error: {error}"))
        self.tab.on("requestfailed", self._miss)
        session = context.new_cdp_session(self.tab)
        session.on("Audits.issueAdded", self._notice)
        session.send("Audits.enable")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.told.append(f"console: {message.text}")

    def _miss(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by leaving the page
            self.told.append(f"not fetched: {request.url}, {request.failure}")

    def _notice(self, said: dict[str, Any]) -> None:
        if not any(words in str(said["issue"]) for words in ADVICE):
            self.told.append(f"issue: {said['issue']}")

    def at(self, address: str, *, status: int = 200) -> list[str]:
        """Everything found wrong at an address."""
        self.told.clear()
        self.tab.emulate_media(media="screen")
        self._narrow(self.turn.widths[0])
        answer = self.tab.goto(address)
        if answer is None or answer.status != status:
            return [f"answered {answer and answer.status}, at {self.tab.url}"]
        self.tab.evaluate("document.fonts.ready.then(() => true)")
        found = [f"it shifted by {shifted:.3f}"] if (shifted := self._shifted()) > SHIFTED else []
        found += [*self.told, *self.tab.evaluate(BASICS)]
        if self.turn.is_compared and (words := self.tab.evaluate(ONLY_BY_SCRIPT)):
            found.append(f"only with a script: {' '.join(words)}")
        return [*found, *self._all_that_is_new()]

    def _all_that_is_new(self) -> Iterator[str]:
        frame, main = self.tab.evaluate(PARTS)
        if main not in self.known or frame not in self.known:
            yield from self.tab.evaluate(UNSEEN, "main" if frame in self.known else "body")
            yield from self._all_of_it()
        self.known |= {frame, main}

    def _all_of_it(self) -> Iterator[str]:
        self.tab.evaluate(AXE_SCRIPT)
        whole, *others = self.turn.themes
        yield from self._barriers(whole, {"resultTypes": ["violations"], "rules": ASKED})
        for theme in others:
            yield from self._barriers(theme, {"runOnly": ["color-contrast"]})
        yield from self._too_wide()
        yield from self._printed()

    def _shifted(self) -> float:
        return float(self.tab.evaluate("window.shifted"))

    def _set(self, name: str, value: str) -> None:
        script = "([name, value]) => { document.documentElement.dataset[name] = value; }"
        self.tab.evaluate(script, [name, value])

    def _barriers(self, theme: str, options: dict[str, Any]) -> Iterator[str]:
        self._set("theme", theme)
        for each in self.tab.evaluate(CHECK, options):
            yield f"{theme}: {each}"

    def _narrow(self, width: int) -> None:
        self.tab.set_viewport_size({"width": width, "height": 900})

    def _too_wide(self) -> Iterator[str]:
        for width in self.turn.widths:
            self._narrow(width)
            yield from self._wider(f"than {width}")
            if squeezed := self.tab.evaluate(SQUEEZED):
                yield f"squeezed at {width}: {squeezed}"
            if width <= TELEPHONE and (cut := self.tab.evaluate(CUT)):
                yield f"cut at {width}: {cut}"
        if self.turn.is_enlarged:
            self._narrow(self.turn.widths[0])
            self._set("text", "xl")
            self._set("space", "l")
            yield from self._wider(f"than {self.turn.widths[0]} in large text")

    def _wider(self, words: str) -> Iterator[str]:
        if self.tab.evaluate(WIDER):
            yield f"wider {words}: {self.tab.evaluate(WIDEST)}"

    def _printed(self) -> Iterator[str]:
        if not self.turn.is_printed:
            return
        self._set("text", "")
        self._set("space", "")
        self._narrow(PAPER)
        self.tab.emulate_media(media="print")
        yield from self._wider("than paper")
        for each in self.tab.evaluate(ON_PAPER):
            yield f"printed, though for a screen: {each}"
