"""What people send: what it is by its content, whether it is taken, and what it is called then.

The name and the type that came with a file say what its sender wished it to be. Here the content
decides: the ending follows it, pictures are made anew from their pixels, and what runs by itself
(programs, macros, scripts inside a PDF) is refused. A file is given out again as one to keep
(`kernel.web.attachment_response`), never as a page of this site (OWASP ASVS 5.0, 5.2 and 5.3).
"""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.pictures import made_anew
from tracker.kernel.text import file_name

LONGEST_STEM = 150  # characters
MOST_UNPACKED = 8 * 1024 * 1024  # bytes of one part of a PDF that are looked at
MOST_MEMBERS = 5_000  # of an office document


class Kind(StrEnum):
    """What a file is by its content; the value is its usual ending."""

    PDF = "pdf"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    OLD_OFFICE = "doc"
    TEXT = "txt"


PICTURES = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
SCANS = frozenset({Kind.PDF, Kind.JPEG, Kind.PNG})
DOCUMENTS = frozenset(Kind)
# Endings that say the same of a content as the usual one.
ENDINGS = {
    Kind.JPEG: {"jpg", "jpeg"},
    Kind.OLD_OFFICE: {"doc", "xls", "ppt", "msg"},
    Kind.TEXT: {"txt", "csv", "tsv", "eml", "ics"},
}
_OFFICE = {"word/": Kind.DOCX, "xl/": Kind.XLSX, "ppt/": Kind.PPTX}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Kind.ODS,
    b"application/vnd.oasis.opendocument.presentation": Kind.ODP,
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"{\\rtf")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|XFA)(?![A-Za-z0-9])")
_STREAM = re.compile(rb"stream\r?\n")

MACROS = N_("The document contains macros. Save it without them.")
PROGRAM_IN_PDF = N_("The PDF contains a program or a form. Print it to a new PDF and send that.")
NOT_TAKEN = N_(
    "This kind of file is not taken: send a PDF, a picture, an office document or plain text."
)
NOT_A_SCAN = N_("The scan must be a PDF, JPEG or PNG file.")


@dataclass(frozen=True)
class Upload:
    """A file as it is kept: a harmless name, what it is, and its bytes."""

    name: str
    kind: Kind
    content: bytes


def received(
    content: bytes,
    filename: str | None,
    *,
    largest: int,
    field: str,
    kinds: Collection[Kind] = DOCUMENTS,
    unnamed: str = "document",
) -> Upload:
    """The file that somebody sent, ready to be kept; raises `Refused` beside `field`.

    `largest` in bytes. The name loses folders, invisible characters and an ending that is not its
    content's own.
    """
    if not content:
        raise Refused(N_("The file is empty."), field=field)
    if len(content) > largest:
        raise Refused(
            N_("The file is larger than %(limit)s megabytes."),
            field=field,
            limit=largest // 1024**2,
        )
    kind = kind_of(content, field=field)
    if kind is None or kind not in kinds:
        raise Refused(NOT_A_SCAN if kinds is SCANS else NOT_TAKEN, field=field)
    if kind in PICTURES:
        content = made_anew(content, PICTURES[kind], field=field)
    elif kind is Kind.PDF and runs_by_itself(content):
        raise Refused(PROGRAM_IN_PDF, field=field)
    return Upload(named(filename or "", kind, unnamed), kind, content)


def named(filename: str, kind: Kind, unnamed: str = "document") -> str:
    """What a file of this kind is called: its own name with an ending that is true."""
    path = PurePath(file_name(filename))
    given = path.suffix.lower().lstrip(".")
    ending = given if given in ENDINGS.get(kind, {kind.value}) else kind.value
    stem = (path.stem if path.suffix else path.name)[:LONGEST_STEM].strip(". ")
    return f"{stem or unnamed}.{ending}"


def kind_of(content: bytes, *, field: str | None = None) -> Kind | None:
    """What `content` is; None for what nobody needs to send. Raises `Refused` for macros."""
    if content.startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Kind.WEBP
    if content.startswith(b"PK\x03\x04"):
        return _packed(content, field)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise Refused(MACROS, field=field)
        return Kind.OLD_OFFICE
    is_text = not content.startswith(_PROGRAMS) and not _CONTROLS.search(_readable(content))
    return Kind.TEXT if is_text else None


def _readable(content: bytes) -> bytes:
    """The bytes that must be free of control characters; UTF-16 is full of zeros by itself."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    return content


def _packed(content: bytes, field: str | None) -> Kind | None:
    """Which office document a zip archive is; nothing but names and one short member are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MOST_MEMBERS:
                return None
            if any("vbaproject" in name.lower() or "macrosheets/" in name for name in names):
                raise Refused(MACROS, field=field)
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    return _OPEN_DOCUMENT.get(file.read(80).strip())
            if "[Content_Types].xml" not in names:
                return None
            begun = (kind for start, kind in _OFFICE.items() if _has(names, start))
            return next(begun, None)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return None


def _has(names: list[str], start: str) -> bool:
    return any(name.startswith(start) for name in names)


def runs_by_itself(content: bytes) -> bool:
    """Whether a PDF names a script, a program to start, a player or a form language.

    Names may be written with escapes (ISO 32000-2, 7.3.5) and lie in compressed parts.
    """
    return any(_ACTIVE.search(_unescaped(part)) for part in (content, *_unpacked(content)))


def _unescaped(part: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The compressed parts that hold objects, each up to a limit; pictures are left packed."""
    for found in _STREAM.finditer(content):
        if b"/ObjStm" not in _unescaped(content[max(0, found.start() - 1_000) : found.start()]):
            continue
        try:
            yield zlib.decompressobj().decompress(content[found.end() :], MOST_UNPACKED)
        except zlib.error:
            continue
