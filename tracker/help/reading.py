"""Markdown to HTML: headings with attributes, links between files, pictures with their sizes.

Own files only, yet nothing in them is taken as HTML. Addresses are left open until they are shown:
`guide:` stands for where the guide is, `picture:` for where its pictures are, since both depend on
the request and a file is read once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.attrs.parse import ParseError, parse
from PIL import Image

GUIDE, PICTURE = "guide:", "picture:"


@dataclass(frozen=True)
class Section:
    """What stands under one heading of the second level."""

    anchor: str
    title: str
    body: str  # HTML, without the heading
    pages: tuple[str, ...]  # endpoints whose help it is


@dataclass(frozen=True)
class Text:
    """A file: its title, what stands before the first section, its sections."""

    title: str
    lead: str  # HTML
    sections: tuple[Section, ...]


def _take_attributes(state: StateCore) -> None:
    """`## Heading {#anchor pages="…"}`: the attributes of a heading stand at its end."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        head, brace, _rest = inline.content.rpartition("{")
        if opening.type != "heading_open" or not brace or not inline.content.endswith("}"):
            continue
        try:
            _end, found = parse(inline.content[len(head) :])
        except ParseError:
            continue
        opening.attrs.update({name: value for name, value in found.items() if name != "style"})
        inline.content = head.rstrip()


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


guide_parser = _parser()
guide_parser.core.ruler.after("block", "heading_attributes", _take_attributes)
document_parser = _parser().use(anchors_plugin, max_level=6)


def read(
    parser: MarkdownIt, file: Path, address: Callable[[str], str | None], pictures: Path
) -> Text:
    """The text of a file; `address` says where a link leads, None for what is not shown here."""
    tokens = parser.parse(file.read_text(encoding="utf-8"))
    for token in tokens:
        if token.attrs.pop("style", None) == "text-align:right":  # no style in lines
            token.attrSet("class", "num")
        if token.type == "table_open":  # moved sideways on a telephone, by keys as well
            token.attrSet("tabindex", "0")
        if token.type == "inline":
            token.children = _resolved(token.children or [], address, pictures)
    first, parts = _split(tokens)
    title = first[1].content if first and first[0].tag == "h1" else file.stem
    lead = _render(parser, first[3:] if first and first[0].tag == "h1" else first)
    return Text(title, lead, tuple(_section(parser, part) for part in parts))


def _resolved(
    children: Sequence[Token], address: Callable[[str], str | None], pictures: Path
) -> list[Token]:
    """The pieces of a line with their addresses; a link that leads nowhere here is its text."""
    found: list[Token] = []
    opened: list[bool] = []
    for token in children:
        if token.type == "link_open":
            target = address(str(token.attrGet("href")))
            opened.append(target is not None)
            if target is None:
                continue
            token.attrSet("href", target)
        is_left_out = (token.type == "link_close" and not opened.pop()) or (
            token.type == "image" and not _is_placed(token, pictures)
        )
        if not is_left_out:
            found.append(token)
    return found


def _is_placed(token: Token, folder: Path) -> bool:
    """Give a picture its address and size; one that is not there is not shown."""
    name = str(token.attrGet("src")).removeprefix("images/")
    file = folder / Path(name).name
    if not file.is_file():
        return False
    with Image.open(file) as picture:
        width, height = picture.size
    token.attrSet("src", PICTURE + file.name)
    token.attrSet("width", str(width))
    token.attrSet("height", str(height))
    return True


def _split(tokens: Sequence[Token]) -> tuple[list[Token], list[list[Token]]]:
    """What stands before the first heading of the second level, and what stands from each on."""
    starts = [place for place, token in enumerate(tokens) if _is_heading(token)]
    bounds = [*starts, len(tokens)]
    parts = [list(tokens[start:end]) for start, end in pairwise(bounds)]
    return list(tokens[: bounds[0]]), parts


def _is_heading(token: Token) -> bool:
    return token.type == "heading_open" and token.tag == "h2" and token.level == 0


def _section(parser: MarkdownIt, tokens: Sequence[Token]) -> Section:
    opening, inline = tokens[0], tokens[1]
    title = "".join(each.content for each in inline.children or [])
    anchor, pages = str(opening.attrGet("id") or ""), str(opening.attrGet("pages") or "")
    return Section(anchor, title, _render(parser, tokens[3:]), tuple(pages.split()))


def _render(parser: MarkdownIt, tokens: Sequence[Token]) -> str:
    return str(parser.renderer.render(tokens, parser.options, {}))
