"""The annex come back with the commission's decisions in it: read, matched, shown, never applied
by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accreditation.labels import DECISIONS, GROUNDS
from tracker.accreditation.models import Ground
from tracker.accreditation.rules import GROUNDS_OF_REFUSAL
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.text import search_key, whole_number
from tracker.observers.intake.files import read_grid
from tracker.observers.intake.grid import Cell, text_of
from tracker.observers.matching import spelling

NAMES = ("surname", "given_names")
# What commissions write besides our own words.
WORDS = {
    "accredited": "accredited|yes|да|иә|аккредитован|аккредитована|аккредиттелді|+",
    "refused": "refused|no|нет|жоқ|отказано|отказ|бас тартылды|-",
    "returned": "returned|возвращено|на доработку|қайтарылды",
}
HEADERS = {
    "decision": "Decision",
    "ground": "Ground of refusal",
    "text": "In words",
    "reference": "Reference",
    "surname": "Surname",
    "given_names": "Given names",
}
FORMER = {"Ссылка": "reference", "Сілтеме": "reference"}  # in annexes given out before


@dataclass(frozen=True)
class RowDecision:
    """What the file says of one candidate."""

    kind: str  # accredited, refused or returned
    ground: Ground | None = None
    text: str = ""


@dataclass
class Returned:
    """The decisions by submission item, and what could not be taken, by row number."""

    decisions: dict[int, RowDecision] = field(default_factory=dict)
    problems: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)


def _all_languages(labels: dict[Any, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for language in LANGUAGES:
        with force_locale(language):
            found |= {search_key(_(label)): value for value, label in labels.items()}
    return found


@lru_cache
def _decision_words() -> dict[str, str]:
    ours = _all_languages(DECISIONS)
    return ours | {
        search_key(word) or word: kind for kind, words in WORDS.items() for word in words.split("|")
    }


def _header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    """The header's row number and where each column is."""
    names = _all_languages({name: label for name, label in HEADERS.items()})
    names |= {search_key(label): name for label, name in FORMER.items()}
    for number, row in enumerate(rows[:20], start=1):
        found: dict[str, int] = {}
        for index, cell in enumerate(row):
            name = names.get(search_key(text_of(cell)))
            if name:
                found.setdefault(name, index)
        if "decision" in found and ("reference" in found or "surname" in found):
            return number, found
    raise Refused(
        N_("The file has no columns “Decision” and “Reference”: take the annex as given out."),
        field="file",
    )


def read_returned(content: bytes, *, submission_number: int, candidates: Sequence[Any]) -> Returned:
    """The decisions in a returned annex; `candidates` are those still waiting.

    A row finds its candidate by the reference, and where that is lost by the name; a name that
    differs from the reference's is a problem, since rows are easily sorted apart.
    """
    grid = read_grid(content)
    header, places = _header(grid.rows)
    by_id = {item.item_id: item for item in candidates}
    found = Returned()
    for number, row in enumerate(grid.rows[header:], start=header + 1):
        cells = {
            name: text_of(row[index]) if index < len(row) else "" for name, index in places.items()
        }
        if not cells.get("decision"):
            continue
        item = _candidate(cells, submission_number, by_id)
        if isinstance(item, str):
            found.problems.append((number, item, {}))
        elif item.item_id in found.decisions:
            found.problems.append((number, N_("A row above decides of this candidate."), {}))
        elif decision := _decision(cells, number, found):
            found.decisions[item.item_id] = decision
    return found


def _candidate(cells: dict[str, str], submission_number: int, by_id: dict[int, Any]) -> Any:
    """The candidate of a row, or the msgid that says why there is none."""
    reference = cells.get("reference", "")
    if reference:
        submission, _slash, item_id = reference.partition("/")
        key = whole_number(item_id)
        if submission != str(submission_number) or key is None:
            return N_("The reference is of another submission.")
        item = by_id.get(key)
        if item is None:
            return N_("This candidate is decided already, or is not of this submission.")
        if not _is_named(item, cells):
            return N_("The reference and the name are of two persons.")
        return item
    is_given = any(cells.get(name) for name in NAMES)
    same = [item for item in by_id.values() if is_given and _is_named(item, cells)]
    return same[0] if len(same) == 1 else N_("No candidate of this submission has this name.")


def _is_named(item: Any, cells: dict[str, str]) -> bool:
    """Whether the names of the row are the candidate's, in the columns that the annex has; a row
    without names says nothing else."""
    written, own = spelling(" ".join(cells.get(name, "") for name in NAMES)), spelling(item.name)
    if all(name in cells for name in NAMES) and written.strip():
        return written == own
    return set(written.split()) <= set(own.split())


@lru_cache
def _ground_words() -> dict[str, Ground]:
    return _all_languages({ground: GROUNDS[ground] for ground in GROUNDS_OF_REFUSAL})


def _decision(cells: dict[str, str], number: int, found: Returned) -> RowDecision | None:
    key = search_key(cells["decision"]) or cells["decision"]
    kind = _decision_words().get(key)
    if kind is None:
        found.problems.append(
            (number, N_("“%(text)s” is no decision."), {"text": cells["decision"]})
        )
        return None
    if kind != "refused":
        return RowDecision(kind)
    written = cells.get("ground", "")
    ground = _ground_words().get(search_key(written))
    if written and ground is None:
        return RowDecision(kind, Ground.OTHER, cells.get("text") or written)
    if ground is None:
        found.problems.append((number, N_("A refusal needs a ground."), {}))
        return None
    return RowDecision(kind, ground, cells.get("text", ""))
