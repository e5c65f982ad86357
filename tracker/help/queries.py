"""What is read: chapters, documents, and the section that belongs to a page. Files do not change
while a process serves, so each is read once."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tracker.config import project_folder
from tracker.help.reading import GUIDE, Section, Text, document_parser, guide_parser, read
from tracker.help.rules import CHAPTERS
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_

DOCS = project_folder("docs")
DOCUMENTS = {file.stem: file for file in sorted(DOCS.glob("*.md"))}
# What documents refer to and one copies from.
SAMPLES = {
    file.name: file
    for pattern in ("*.json", "deploy/*")
    for file in sorted(DOCS.glob(pattern))
    if file.is_file()
}


@dataclass(frozen=True)
class Place:
    """A section, and the chapter that it stands in."""

    chapter: str
    chapter_title: str
    section: Section


def guide_folder(language: str) -> Path:
    """Where the chapters of a language are."""
    return DOCS / "guide" / language


def chapter_names() -> list[str]:
    """The chapters that there are, in the order of the guide."""
    return [name for name in CHAPTERS if (guide_folder("en") / f"{name}.md").is_file()]


@lru_cache
def chapter(language: str, name: str) -> Text:
    """A chapter of the guide; raises NotFound."""
    file = guide_folder(language) / f"{name}.md"
    if name not in CHAPTERS or not file.is_file():
        raise NotFound(N_("There is no such chapter."))
    pictures = guide_folder(language) / "images"
    return read(guide_parser, file, lambda link: _of_guide(link, name), pictures)


@lru_cache
def document(name: str) -> Text:
    """A document of the administrators; raises NotFound."""
    if name not in DOCUMENTS:
        raise NotFound(N_("There is no such chapter."))
    return read(document_parser, DOCUMENTS[name], lambda link: _of_document(link, name), DOCS)


@lru_cache
def places(language: str) -> dict[str, Place]:
    """The section that is the help of a page, by endpoint."""
    return {
        endpoint: Place(name, text.title, section)
        for name in chapter_names()
        for text in [chapter(language, name)]
        for section in text.sections
        for endpoint in section.pages
    }


def section_of(language: str, name: str, anchor: str) -> Section:
    """One section of a chapter; raises NotFound."""
    found = (each for each in chapter(language, name).sections if each.anchor == anchor)
    if (section := next(found, None)) is None:
        raise NotFound(N_("There is no such chapter."))
    return section


def _of_guide(link: str, name: str) -> str | None:
    """Where a link in a chapter leads: `chapter.md#anchor`, `#anchor`, `../../document.md`."""
    path, mark, anchor = link.partition("#")
    if link.startswith("https://"):
        return link
    if path.startswith("../../"):
        return _of_document(link.removeprefix("../../"), name)
    target = path.removesuffix(".md") if path else name
    return f"{GUIDE}{target}{mark}{anchor}" if target in CHAPTERS else None


def _of_document(link: str, name: str) -> str | None:
    """Where a link in a document leads: another one, a file to copy, a chapter of the guide."""
    path, mark, anchor = link.partition("#")
    if link.startswith("https://"):
        return link
    if path.startswith("guide/"):
        return _of_guide(Path(path).name + mark + anchor, "")
    if Path(path).name in SAMPLES:
        return f"{GUIDE}administration/files/{Path(path).name}"
    target = path.removesuffix(".md") if path else name
    return f"{GUIDE}administration/{target}{mark}{anchor}" if target in DOCUMENTS else None
