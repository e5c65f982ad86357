"""Paper: PDF documents set by Typst from templates and plain values.

Values reach a template as JSON and are printed as they are written: text that looks like Typst
markup is text. A document is tagged for screen readers (PDF/UA-1) and fit for an archive
(PDF/A-2a), and is the same on every machine: fonts come with the program, none from the system.
"""

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from tracker.config import project_folder
from tracker.kernel import clock

FONTS = Path(__file__).parent / "fonts"  # under tracker/static/licences/golos-text.txt
STANDARDS: "list[typst.PDFStandard]" = ["ua-1", "a-2a"]
_TEMPLATE = re.compile(r"[a-z][a-z_]*")
_FILE = re.compile(r"[a-z0-9-]+\.(?:png|jpg)")
HOLE = "\N{WHITE SQUARE}"  # a letter that no font draws, where the paper must come all the same
MOST_HOLES = 50
MEMORY = Path("/dev/shm")  # a folder of our own is made in it  # noqa: S108  # nosec B108
_UNDISPLAYED = re.compile(r'the text `"(.+?)"` could not be displayed')
_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")
# Not seen on paper, and some turn the direction of what follows: a name reads as another name.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


_stamp: ContextVar[str] = ContextVar("stamp", default="")


@contextmanager
def stamped(line: str) -> Iterator[None]:
    """Let papers that are printed inside bear `line` at the foot of each page."""
    token = _stamp.set(line)
    try:
        yield
    finally:
        _stamp.reset(token)


class Unprintable(ValueError):
    """Text holds letters that no font of the program draws; `letters` are these, each once.

    Nothing is printed then: a name with a hole in it is another name.
    """

    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = tuple(dict.fromkeys(letters))
        super().__init__(f"no font draws {' '.join(self.letters)}")


@lru_cache
def _fonts() -> typst.Fonts:
    """Golos Text, and for letters that it lacks the fonts inside the typst package."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def _plain(value: Any) -> Any:
    """`value` with its text composed (NFC) and without invisible characters but line ends."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        seen = (c for c in value if c == "\n" or unicodedata.category(c) not in _INVISIBLE)
        return unicodedata.normalize("NFC", "".join(seen))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _place() -> Path | None:
    return MEMORY if MEMORY.is_dir() else None


@contextmanager
def _folder(template: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Where the template lies, beside the pictures it shows: a private folder that goes at once.

    In memory where the system has such a place: portraits are not to reach a disk in clear.
    """
    templates = project_folder("templates") / "print"
    if not files:
        yield templates
        return
    with tempfile.TemporaryDirectory(prefix="tracker-print-", dir=_place()) as name:
        folder = Path(name)
        shutil.copyfile(templates / f"{template}.typ", folder / f"{template}.typ")
        for file, content in files.items():
            if not _FILE.fullmatch(file):
                raise ValueError(f"not a name of a picture: {file!r}")
            (folder / file).write_bytes(content)
        yield folder


def _compiled(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    title: str,
    files: Mapping[str, bytes],
    **options: Any,
) -> Any:
    if not _TEMPLATE.fullmatch(template):
        raise ValueError(f"not a name of a template: {template!r}")
    inputs = {
        "data": json.dumps(_plain(data)),
        "language": language,
        "title": _plain(title),
        "stamp": _plain(_stamp.get()),
    }
    with _folder(template, files) as folder:
        try:
            return typst.compile(
                folder / f"{template}.typ",
                root=folder,  # a template reads no file outside
                font_paths=_fonts(),
                ignore_system_fonts=True,
                sys_inputs=inputs,
                **options,
            )
        except typst.TypstError as error:
            if letters := _UNDISPLAYED.findall(error.diagnostic):
                raise Unprintable(letters) from error
            raise


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    title: str,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF that `templates/print/<template>.typ` makes of `data` (what JSON can hold).

    `language` is the two-letter code of the document's language, for screen readers; `title` is
    the document's name in a reader's window; `files` are pictures by the names that the template
    shows them under. Raises `Unprintable`.
    """
    found: bytes = _compiled(
        template,
        data,
        language=language,
        title=title,
        files=files or {},
        format="pdf",
        pdf_standards=STANDARDS,
        timestamp=int(clock.now().timestamp()),
    )
    return found


def render_pictures(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    title: str,
    files: Mapping[str, bytes] | None = None,
    dots_per_inch: int = 110,
) -> list[bytes]:
    """The same document as a PNG a page, for a preview."""
    found = _compiled(
        template,
        data,
        language=language,
        title=title,
        files=files or {},
        format="png",
        ppi=dots_per_inch,
    )
    return found if isinstance(found, list) else [found]


def render_whatever(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    title: str,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF where it must come all the same: letters that no font draws are empty squares."""
    said: Any = dict(data)
    for _attempt in range(MOST_HOLES):
        try:
            return render_pdf(template, said, language=language, title=title, files=files)
        except Unprintable as error:
            letters = str.maketrans(dict.fromkeys("".join(error.letters), HOLE))
            said, title = _replaced(said, letters), title.translate(letters)
    raise ValueError("too many letters that no font draws")


def _replaced(value: Any, letters: Mapping[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(letters)
    if isinstance(value, dict):
        return {key: _replaced(item, letters) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, letters) for item in value]
    return value


def page_count(document: bytes) -> int:
    """How many pages a document of `render_pdf` has (a letter says it of its annex)."""
    found = _PAGES.search(document)  # the root of the page tree, which Typst writes first
    if found is None:
        raise ValueError("not a document of render_pdf")
    return int(found[1])
