"""Portraits that come with a list: drawn over a row of the sheet, or in a zip beside it."""

import io
import posixpath
import re
import zipfile
import zlib
from xml.etree import ElementTree

from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import search_key
from tracker.observers.intake.limits import MEGABYTE, MOST_MEMBERS

LARGEST_PICTURE = 12 * MEGABYTE
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# What an archive that is damaged, encrypted or packed in a way of its own raises when it is read.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)
LARGEST_PART = 16 * MEGABYTE  # of a workbook's own description, which is read whole
_IMAGES = (".jpg", ".jpeg", ".png", ".webp")


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > LARGEST_PART:
        raise ValueError("no drawing is described at such length")
    # Document types were refused before (`files`): no entity can be declared here.
    return ElementTree.fromstring(archive.read(name))  # noqa: S314  # nosec B314


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """The members that `part` refers to, by relation id."""
    folder, name = posixpath.split(part)
    try:
        tree = _tree(archive, f"{folder}/_rels/{name}.rels")
    except KeyError:
        return {}
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/" + folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in tree
    }


def picture_rows(content: bytes, sheet: str) -> dict[int, str]:
    """For each row number the member of the xlsx that holds the picture drawn over the row."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            book = _targets(archive, "xl/workbook.xml")
            sheets = {
                element.get("name"): book.get(element.get(f"{_REL}id", ""), "")
                for element in _tree(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet")
            }
            found: dict[int, str] = {}
            for drawing in _targets(archive, sheets.get(sheet) or "").values():
                if "drawings/" in drawing:
                    found |= _drawn(archive, drawing)
            return found
    except (*UNREADABLE, KeyError, ElementTree.ParseError, OSError, ValueError):
        return {}  # a drawing that we cannot follow: the portrait is missing, and that is said


def _drawn(archive: zipfile.ZipFile, drawing: str) -> dict[int, str]:
    targets = _targets(archive, drawing)
    found: dict[int, str] = {}
    for anchor in _tree(archive, drawing):
        row = anchor.find(f"{_DRAWING}from/{_DRAWING}row")
        picture = next(anchor.iter(f"{_PICTURE}blip"), None)
        if row is not None and picture is not None and (row.text or "").isdigit():
            member = targets.get(picture.get(f"{_REL}embed", ""), "")
            if member:
                found.setdefault(int(row.text or 0) + 1, member)
    return found


def read_member(content: bytes, member: str) -> bytes:
    """One picture out of an archive; raises `Refused` where it is too large or damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(member).file_size > LARGEST_PICTURE:
                raise Refused(
                    N_("A picture is larger than %(limit)s megabytes."),
                    field="portraits",
                    limit=LARGEST_PICTURE // MEGABYTE,
                )
            return archive.read(member)
    except (*UNREADABLE, KeyError, OSError, ValueError) as error:
        raise Refused(N_("The archive of portraits is damaged."), field="portraits") from error


def portrait_members(content: bytes) -> dict[str, str]:
    """Key of the file's name (small Latin letters and digits) to member, for each picture."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (*UNREADABLE, OSError, ValueError) as error:
        raise Refused(N_("The portraits are to come as one zip archive."), field="portraits") from (
            error
        )
    if len(members) > MOST_MEMBERS:
        raise Refused(
            N_("The archive holds more than %(limit)s files."),
            field="portraits",
            limit=MOST_MEMBERS,
        )
    found = {}
    for member in members:
        name = posixpath.basename(member.filename)
        if name.lower().endswith(_IMAGES) and not name.startswith((".", "__")):
            found[search_key(posixpath.splitext(name)[0])] = member.filename
    return found


def match_portrait(
    members: dict[str, str], *, row: int, number: str, names: str, named: str = ""
) -> str | None:
    """The picture of one row: by the file name it states, document number, names, or row number.

    Names match in any order; a row number stands alone in the file's name, leading zeros allowed.
    """
    plain = posixpath.splitext(posixpath.basename(named))[0]
    for wanted in (search_key(plain), search_key(number)):
        if wanted and wanted in members:
            return members[wanted]
    words = sorted(search_key(names).split())
    for key, member in members.items():
        if words and sorted(re.sub(r"\d+", " ", key).split()) == words:
            return member
    compact = search_key(number).replace(" ", "")
    for key, member in members.items():
        if compact and compact in key.replace(" ", "") and len(compact) >= 5:
            return member
    return next((member for key, member in members.items() if key.lstrip("0") == str(row)), None)
