"""vCards, version 4.0 (RFC 6350): written, and read again, version 3.0 (RFC 2426) as well.

Own lines, since the kept libraries write version 3.0. What of it is not needed here (binary values,
groups, calendars in cards) is left aside when it is read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from tracker.kernel.disclosure import new_origin
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import clean

LONGEST_LINE = 75  # octets, without the line end (3.2)
LARGEST_FILE = 4 * 1024 * 1024
MOST_CARDS = 500
VERSIONS = frozenset({"3.0", "4.0"})

NO_CARD = N_("This file holds no vCard that can be read.")
_LINE = re.compile(r'(?:[\w-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)', re.S)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:[^";]|"[^"]*")*)')
_VALUE = re.compile(r'"[^"]*"|[^,]+')
_ESCAPED = re.compile(r"\\(.)", re.S)
_PARTS = re.compile(r"(?:[^;\\]|\\.)*", re.S)
# What cannot stand in the value of a parameter as it is (RFC 6868).
_CARETS = {"^": "^^", "\n": "^n", '"': "^'"}
_CARET = re.compile("[\\^]([\\^n'])")


@dataclass(frozen=True)
class Property:
    """One property: its name in capitals, its components (one but for structured values such as
    an address), and its parameters."""

    name: str
    parts: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value of one that is not structured."""
        return self.parts[0] if len(self.parts) == 1 else ";".join(self.parts)

    @property
    def language(self) -> str:
        """The primary subtag of its language (RFC 5646); "" where it says none."""
        return self.parameters.get("LANGUAGE", "").partition("-")[0].lower()


@dataclass(frozen=True)
class Card:
    """The properties of one card, in order, without BEGIN, VERSION and END; `number` is the line
    on which it begins."""

    number: int
    properties: tuple[Property, ...]

    def all(self, name: str) -> list[Property]:
        """The properties of this name."""
        return [each for each in self.properties if each.name == name]

    def first(self, name: str) -> str:
        """The value of the first property of this name; "" where there is none."""
        return next((each.text for each in self.all(name)), "")

    def by_language(self, name: str) -> dict[str, str]:
        """The values by language; what says none is under ""."""
        return {each.language: each.text for each in reversed(self.all(name))}


# Written


def in_languages(name: str, texts: Mapping[str, str]) -> list[Property]:
    """One property in several languages: alternatives of one another (5.4)."""
    return [
        Property(name, (text,), {"ALTID": "1", "LANGUAGE": language})
        for language, text in texts.items()
    ]


def _escaped(text: str) -> str:
    text = clean(text).replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace(",", "\\,").replace(";", "\\;")


def _parameter(text: str) -> str:
    text = "".join(_CARETS.get(char, char) for char in clean(text).replace("\t", " "))
    return f'"{text}"' if re.search("[:;,]", text) else text


def _folded(line: str) -> Iterator[str]:
    """The line in pieces that are short enough; no character is cut."""
    piece, length = "", 0
    for char in line:
        size = len(char.encode())
        if length + size > LONGEST_LINE:
            yield piece
            piece, length = " ", 1
        piece, length = piece + char, length + size
    yield piece


def written(cards: Iterable[Iterable[Property]]) -> bytes:
    """Cards as a file."""
    lines = []
    for card in cards:
        lines += ["BEGIN:VCARD", "VERSION:4.0"]
        for each in card:
            named = "".join(f";{key}={_parameter(text)}" for key, text in each.parameters.items())
            lines.append(f"{each.name}{named}:{';'.join(map(_escaped, each.parts))}")
        lines.append("END:VCARD")
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line)).encode()


def export(cards: Iterable[list[Property]], *, name: str) -> Response:
    """The whole list as a file to keep; it goes on record, and each card says where it is from."""
    origin = new_origin(name, "vcf")
    found = [[*card, Property("NOTE", (origin.line,))] for card in cards]
    origin.rows = len(found)
    response = Response(written(found), content_type="text/vcard; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.vcf")
    response.headers["Cache-Control"] = "private, no-store"
    return response


# Read


def is_vcard(content: bytes) -> bool:
    """Whether a file begins as one."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:11].upper() == b"BEGIN:VCARD"


def read(content: bytes) -> list[Card]:
    """The cards of a file; raises `Refused` for what is none, or too much."""
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 1024**2
        raise Refused(N_("The file is larger than %(limit)s megabytes."), field="file", limit=limit)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(N_("The vCard is not written in UTF-8."), field="file") from error
    found = list(_cards(text))
    if not found:
        raise Refused(NO_CARD, field="file")
    return found


def _cards(text: str) -> Iterator[Card]:
    start, properties, count = 0, None, 0
    for number, line in _unfolded(text):
        each = _property(line)
        match each.name, each.text.upper():
            case "BEGIN", "VCARD":
                start, properties = number, list[Property]()
            case "END", "VCARD" if properties is not None:
                count += 1
                if count > MOST_CARDS:
                    message = N_("The file holds more than %(limit)s cards. Divide it.")
                    raise Refused(message, field="file", limit=MOST_CARDS)
                yield Card(start, _checked(properties))
                properties = None
            case _ if properties is not None:
                properties.append(each)
            case _:
                raise Refused(NO_CARD, field="file")
    if properties is not None:  # cut off
        raise Refused(NO_CARD, field="file")


def _checked(properties: list[Property]) -> tuple[Property, ...]:
    version = next((each.text for each in properties if each.name == "VERSION"), "")
    if version not in VERSIONS:
        message = N_("This is a vCard of version %(version)s. Save it as version 4.0 or 3.0.")
        raise Refused(message, field="file", version=version[:10] or "?")
    return tuple(each for each in properties if each.name != "VERSION")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines, each with the number of the line on which it begins."""
    start, pieces = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in {" ", "\t"} and pieces:
            pieces.append(line[1:])
            continue
        if pieces and (whole := "".join(pieces)).strip():
            yield start, whole
        start, pieces = number, [line]
    if (whole := "".join(pieces)).strip():
        yield start, whole


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    if found is None:
        raise Refused(NO_CARD, field="file")
    parameters = {key.upper(): _first_value(values) for key, values in _PARAMETER.findall(found[2])}
    parts = [part for part in _split(found[3])]
    return Property(found[1].upper(), tuple(map(_clear, parts)), parameters)


def _split(value: str) -> list[str]:
    """The components of a value: what stands between semicolons that are not escaped."""
    parts, place = [], 0
    while True:
        part: Any = _PARTS.match(value, place)
        parts.append(part[0])
        place = part.end() + 1
        if part.end() >= len(value):
            return parts


def _clear(part: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], part)


def _first_value(values: str) -> str:
    found = _VALUE.match(values)
    text = found[0].strip('"') if found else ""
    return _CARET.sub(lambda match: {"^": "^", "n": "\n", "'": '"'}[match[1]], text)
