"""Files of directories: spreadsheets, text and vCards become rows, a text by field."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from tracker.kernel import vcards
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.tables import harmless
from tracker.kernel.text import normalize
from tracker.kernel.vcards import Card
from tracker.logistics import sheets
from tracker.logistics.sheets import Row
from tracker.observers.intake.grid import Cell
from tracker.organizations.models import ACRONYMS


class Directory(StrEnum):
    """What a file may hold."""

    OFFICIALS = "officials"
    INSTITUTIONS = "institutions"
    ORGANIZATIONS = "organizations"


LAYOUT = sheets.Layout(
    headers=str(Path(__file__).parent / "data" / "headers.csv"),
    days=(),
    is_enough=lambda names: "name_en" in names,
    lacking=N_("The list needs a header with at least the column “Name in English”."),
    tellers=("name_en", "name_ru", "name_kk"),
)


def rows_of(content: bytes, directory: Directory) -> list[Row]:
    """The rows of a file; raises `Refused` where it is neither a list nor cards."""
    if not vcards.is_vcard(content):
        return sheets.rows_of(content, LAYOUT, _cells)
    return [Row(card.number, _said(_of_card(card, directory))) for card in vcards.read(content)]


def unpacked(text: str) -> list[Row]:
    """The rows that a page carried, cleaned once more: it could have been tampered with."""
    return [replace(row, cells=_said(row.cells)) for row in sheets.unpacked(text)]


def _cells(
    row: Sequence[Cell], places: Mapping[str, int], _day_first: bool | None
) -> dict[str, str]:
    return _said(sheets.texts_of(row, places))


def _said(cells: Mapping[str, str]) -> dict[str, str]:
    """What a row says: an empty cell says nothing, and our own files mark what is no formula."""
    found = {name: normalize(text) for name, text in cells.items()}
    return {name: _unmarked(text) for name, text in found.items() if text}


def _unmarked(text: str) -> str:
    return text[1:] if text[:1] == "'" and harmless(text[1:]) == text else text


def _of_card(card: Card, directory: Directory) -> dict[str, str]:
    found = _in_languages(card, "FN", "name")
    address = next((each.parts for each in card.all("ADR")), ())
    if directory is Directory.INSTITUTIONS:
        found["address"] = ", ".join(part for part in address if part)
        found["time_zone"] = card.first("TZ")
    elif directory is Directory.ORGANIZATIONS:
        acronyms = _in_languages(card, "NICKNAME", "acronym")
        found |= {ACRONYMS[code]: acronyms[f"acronym_{code}"] for code in LANGUAGES}
        found["kind"] = card.first("CATEGORIES")
        found["seat_country"] = address[6] if len(address) > 6 else ""
    else:
        agents = (each for each in card.all("RELATED") if each.parameters.get("TYPE") == "agent")
        found |= _in_languages(card, "TITLE", "position")
        office = card.by_language("ORG")
        found["institution"] = next((office[code] for code in ("en", "") if code in office), "")
        found["assistant_email"] = card.first("EMAIL")
        found["assistant_contact"] = next((each.text for each in agents), "")
    return found


def _in_languages(card: Card, name: str, field: str) -> dict[str, str]:
    """A property by language; what says no language is taken for English."""
    texts = card.by_language(name)
    texts.setdefault("en", texts.get("", ""))
    return {f"{field}_{code}": texts.get(code, "") for code in LANGUAGES}
