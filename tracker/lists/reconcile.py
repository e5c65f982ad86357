"""What each row of a list would do: something new, a change, nothing; or nothing until mended.

Pure: what is on record comes in as plain values, so that every case can be tested in no time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from rapidfuzz.distance import Levenshtein

from tracker.accreditation.models import AccreditationStatus
from tracker.accreditation.rules import IDENTITY_EDITABLE
from tracker.lists.models import RowStatus
from tracker.observers.intake.rows import Problem, Row
from tracker.observers.matching import Match, Person, Verdict, block_key, compare, spelling

IDENTITY = (
    "surname",
    "given_names",
    "native_name",
    "sex",
    "birth_date",
    "citizenship",
    "document_kind",
    "document_number",
    "document_expiry",
)
PLACE = ("function", "pledge_signed_on")
CONTACTS = ("occupation", "languages", "email", "phone")
COMPARED = (*IDENTITY, *PLACE, *CONTACTS)


@dataclass(frozen=True)
class Standing:
    """A live accreditation of the list's delegation, in the fields of a list."""

    accreditation_id: int
    observer_id: int
    status: AccreditationStatus
    values: Mapping[str, str]


@dataclass(frozen=True)
class Like:
    """A person on record who may be the one of the row."""

    observer_id: int
    name: str
    match: Match


@dataclass(slots=True)
class Checked:
    """A row with what it would do."""

    row: Row
    status: RowStatus = RowStatus.NEW
    differences: list[tuple[str, str, str]] = field(default_factory=list)  # field, old, new
    observer_id: int | None = None
    accreditation_id: int | None = None
    likes: list[Like] = field(default_factory=list)
    is_left_out: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is on record, as the check of one list needs it."""

    standings: Mapping[int, Standing]  # by observer
    holders: Mapping[int, int]  # row number to the person who holds its travel document
    likes: Mapping[int, Sequence[Like]]  # by row number, likeliest first
    # Observers live in another delegation of this election: its name by language.
    elsewhere: Mapping[int, Mapping[str, str]]
    # Observers who stand presented in another election, in the fields of a list.
    presented: Mapping[int, Mapping[str, str]]
    answers: Mapping[str, Mapping[str, Any]]  # by row number as text: what a person answered

    def of_delegation(self) -> "Record":
        """What the delegation itself may know: nothing of anybody whom it has not entered."""
        own = self.standings
        return replace(
            self,
            holders={number: key for number, key in self.holders.items() if key in own},
            likes={
                number: [like for like in likes if like.observer_id in own]
                for number, likes in self.likes.items()
            },
            elsewhere={},
            presented={},
        )


def person_of(values: Mapping[str, str]) -> Person:
    """The person of a row, for comparison."""
    from_list = {name: values.get(name) for name in ("native_name", "sex", "citizenship")}
    born = values.get("birth_date")
    return Person(
        surname=values.get("surname", ""),
        given_names=values.get("given_names", ""),
        birth_date=date.fromisoformat(born) if born else None,
        document_number=values.get("document_number"),
        issuing_state=values.get("issuing_state"),
        **from_list,
    )


def reconcile(rows: Iterable[Row], stated: frozenset[str], record: Record) -> list[Checked]:
    """Every row with its status; `stated` are the fields that the list has a column for."""
    checked = [_one(row, stated, record) for row in rows]
    _duplicates_within(checked)
    for item in checked:
        if item.row.problems:
            item.status = RowStatus.PROBLEM
    return checked


def _one(row: Row, stated: frozenset[str], record: Record) -> Checked:
    answer = record.answers.get(str(row.number), {})
    item = Checked(row, is_left_out=bool(answer.get("left_out")))
    item.observer_id = _known(row, answer, record, item)
    standing = record.standings.get(item.observer_id or 0)
    if standing is not None:
        item.accreditation_id = standing.accreditation_id
        _compare(item, standing, stated)
    elif item.observer_id and item.observer_id in record.elsewhere:
        where = record.elsewhere[item.observer_id]
        row.problems.append(Problem("surname", "live_elsewhere", {"delegation": dict(where)}))
    elif item.observer_id:
        row.notices.append("known_person")
        _keep_identity(row, record.presented.get(item.observer_id), stated)
    return item


def _keep_identity(row: Row, kept: Mapping[str, str] | None, stated: frozenset[str]) -> None:
    """Who stands presented in another election is entered as presented there, or not at all."""
    if kept is None:
        return
    identity = [name for name, _old, _new in _differences(row, kept, stated) if name in IDENTITY]
    if identity:
        row.problems.append(Problem(identity[0], "presented_elsewhere"))
    else:
        row.values.update({name: kept[name] for name in IDENTITY if name in kept})


def _known(row: Row, answer: Mapping[str, Any], record: Record, item: Checked) -> int | None:
    """The person on record: by travel document, by a person's answer, or undoubtedly alike."""
    holder = record.holders.get(row.number)
    likes = [like for like in record.likes.get(row.number, ()) if like.observer_id != holder]
    if holder:
        return holder
    item.likes = [like for like in likes if not _answered(answer, like)]
    chosen = answer.get("same_as")
    may_be = {*record.standings, *(like.observer_id for like in likes)}
    if chosen and chosen in may_be:
        item.likes = []
        return int(chosen)
    own = [
        like
        for like in item.likes
        if like.observer_id in record.standings and like.match.verdict is Verdict.SAME
    ]
    if own:
        return own[0].observer_id
    if item.likes:
        first = item.likes[0]
        row.problems.append(
            Problem(
                "surname",
                "possible_duplicate",
                {"name": first.name, "score": first.match.score},
            )
        )
    return None


def _answered(answer: Mapping[str, Any], like: Like) -> bool:
    return like.observer_id in answer.get("different_from", ())


def _compare(item: Checked, standing: Standing, stated: frozenset[str]) -> None:
    item.differences = list(_differences(item.row, standing.values, stated))
    identity = [name for name, _old, _new in item.differences if name in IDENTITY]
    if identity and standing.status not in IDENTITY_EDITABLE:
        item.row.problems.append(Problem(identity[0], "locked", {"status": standing.status.value}))
    item.status = RowStatus.CHANGED if item.differences else RowStatus.SAME


def _differences(
    row: Row, kept: Mapping[str, str], stated: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """What the row says otherwise than the record: field, old, new."""
    is_transliterated = "transliterated" in row.notices
    for name in COMPARED:
        new, old = row.values.get(name), kept.get(name) or ""
        if not new or new == old or (name in PLACE and name not in stated and old):
            continue
        is_name = name in {"surname", "given_names"}
        if is_name and new.casefold() == old.casefold():
            continue
        if is_transliterated and is_name and spelling(new) == spelling(old):
            continue
        if name == "native_name" and old:
            continue  # another spelling of the same name is no news
        yield name, old, new


def _duplicates_within(checked: Sequence[Checked]) -> None:
    """The second row of one person is a problem that names the first."""
    seen: dict[str, list[Checked]] = {}
    for item in checked:
        if item.is_left_out:
            continue
        values = item.row.values
        keys = (
            [f"document {values['issuing_state']} {values['document_number']}"]
            if (values.get("document_number") and values.get("issuing_state"))
            else []
        )
        if item.observer_id:
            keys.append(f"observer {item.observer_id}")
        name_key = block_key(values.get("surname", ""), values.get("given_names", ""))
        if name_key:
            keys.append(f"name {name_key}")
        first = _first_of(item, keys, seen)
        if first is not None:
            field_name = "document_number" if _same_document(first, item) else "surname"
            item.row.problems.append(
                Problem(field_name, "duplicate_in_list", {"row": first.row.number})
            )
        for key in keys:
            seen.setdefault(key, []).append(item)


def _same_document(one: Checked, other: Checked) -> bool:
    number = one.row.values.get("document_number")
    return bool(number) and number == other.row.values.get("document_number")


def _first_of(
    item: Checked, keys: Sequence[str], seen: Mapping[str, list[Checked]]
) -> Checked | None:
    for key in keys:
        for other in seen.get(key, ()):
            if not key.startswith("name "):
                return other
            if not _may_be_same(item.row.values, other.row.values):
                continue
            match = compare(person_of(item.row.values), person_of(other.row.values))
            if match.verdict is Verdict.SAME:
                return other
    return None


def _may_be_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """A glance before the comparison: of two births only one day of birth or nearly one document
    makes one person, and a long list has many of like name."""
    births = one.get("birth_date"), other.get("birth_date")
    if None in births or births[0] == births[1]:
        return True
    numbers = one.get("document_number", ""), other.get("document_number", "")
    return bool(all(numbers)) and Levenshtein.distance(*numbers, score_cutoff=1) <= 1


def new_portraits(checked: Iterable[Checked], portraits: Mapping[int, str]) -> None:
    """On a list that is typed a picture is there because it is another one: that is a change."""
    for item in checked:
        if item.row.number in portraits and item.status is RowStatus.SAME:
            item.status = RowStatus.CHANGED


def dropped(checked: Iterable[Checked], record: Record) -> list[int]:
    """Accreditations of the delegation that no row of the list speaks of."""
    named = {item.accreditation_id for item in checked}
    return [
        standing.accreditation_id
        for standing in record.standings.values()
        if standing.accreditation_id not in named
    ]
