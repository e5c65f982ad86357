"""What the cells of a row mean in each directory, and which record they are about."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tracker.directories.intake import Directory
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import LANGUAGES, N_, force_locale, say
from tracker.kernel.text import search_key, whole_number
from tracker.officials import operations as officials
from tracker.officials.models import Institution, Official
from tracker.officials.rules import DAYS, written_hours
from tracker.organizations import operations as organizations
from tracker.organizations.labels import KINDS
from tracker.organizations.models import ACRONYMS, Organization, OrganizationKind
from tracker.organizations.states import find_state

NAMES = tuple(f"name_{code}" for code in LANGUAGES)
POSITIONS = tuple(f"position_{code}" for code in LANGUAGES)
YES = frozenset(map(search_key, ("yes", "да", "иә", "1", "true")))
NO = frozenset(map(search_key, ("no", "нет", "жоқ", "0", "false")))
SEVERAL = N_("Several are called “%(text)s”.")
Cells = Mapping[str, str]


class Index:
    """The records of a table by all their names, in any alphabet; kept up while rows are taken."""

    def __init__(self, model: Any, *conditions: Any) -> None:
        self._ids: dict[str, set[int]] = {}
        self._records: dict[int, Any] = {}
        self._others: dict[Any, Index] = {}
        for record in db.session.scalars(sa.select(model).where(*conditions).order_by(model.id)):
            self.add(record)

    def add(self, record: Any) -> None:
        """Know a record by the names that it has now."""
        self._records[record.id] = record
        for name in (*NAMES, *ACRONYMS.values()):
            if text := getattr(record, name, None):
                self._ids.setdefault(search_key(text), set()).add(record.id)

    def other(self, model: Any) -> "Index":
        """The records of another table that rows refer to; read once."""
        if model not in self._others:
            self._others[model] = Index(model)
        return self._others[model]

    def find(self, text: str) -> Any:
        """The one record of this name; None where there is none, `Refused` for several."""
        found = self._ids.get(search_key(text), set())
        if len(found) > 1:
            raise Refused(SEVERAL, text=text)
        return self._records[next(iter(found))] if found else None

    def called(self, text: str) -> int:
        """The id of the one record of this name; `Refused` where there is none."""
        found = self.find(text)
        if found is None:
            raise Refused(N_("Nothing is called “%(text)s”."), text=text)
        return int(found.id)


def _only(cells: Cells, *names: str) -> dict[str, Any]:
    return {name: cells[name] for name in names if name in cells}


@dataclass(frozen=True)
class Keeper:
    """How a directory takes a row, by its own operations."""

    index: Callable[[], Index]
    keys: tuple[str, ...]  # cells that may name the record, the surest first
    required: tuple[str, ...]  # of a new record
    meaning: Callable[[Cells, Index], dict[str, Any]]
    details: Callable[..., Any]
    stored: Callable[[Any], dict[str, Any]]
    create: Callable[..., Any]
    update: Callable[..., Any]  # called with the record first


def _stored(details: Any) -> Callable[[Any], dict[str, Any]]:
    return lambda row: {name: getattr(row, name) for name in details.__dataclass_fields__}


def _of_institution(cells: Cells, _index: Index) -> dict[str, Any]:
    return _only(cells, *NAMES, "address", "time_zone")


def _of_official(cells: Cells, index: Index) -> dict[str, Any]:
    found = _only(cells, *NAMES, *POSITIONS, "assistant_contact", "assistant_email")
    if text := cells.get("institution"):
        found["institution_id"] = index.other(Institution).called(text)
    if text := cells.get("deputy_of"):
        found["deputy_of_id"] = index.called(text)
    if text := cells.get("precedence"):
        found["precedence"] = _precedence(text)
    if text := cells.get("is_active"):
        found["is_active"] = _yes_or_no(text)
    return found


def _precedence(text: str) -> int:
    number = whole_number(text)
    if number is None or not 1 <= number <= 999:
        raise Refused(N_("Give a number from 1 to 999."))
    return number


def _yes_or_no(text: str) -> bool:
    key = search_key(text)
    if key not in YES | NO:
        raise Refused(N_("“%(text)s” is neither yes nor no."), text=text)
    return key in YES


def _stored_official(row: Official) -> dict[str, Any]:
    """All that a person decides of an official: a file says less, and the rest stays."""
    names = set(officials.OfficialDetails.__dataclass_fields__) - {"hours"}
    spans: list[list[Any]] = [[] for _day in DAYS]
    for span in row.hours:
        spans[span.weekday].append((span.starts, span.ends))
    return {name: getattr(row, name) for name in names} | {
        "hours": tuple(map(written_hours, spans))
    }


def _of_organization(cells: Cells, _index: Index) -> dict[str, Any]:
    found = _only(cells, *NAMES, *ACRONYMS.values())
    if text := cells.get("kind"):
        found["kind"] = _kind(text)
    if text := cells.get("seat_country"):
        found["seat_country"] = find_state(text)
        if found["seat_country"] is None:
            raise Refused(N_("There is no state %(code)s."), code=text)
    return found


@lru_cache
def _kinds() -> dict[str, OrganizationKind]:
    """Kinds by their word in our vCards and by what they are called in each language."""
    found = {search_key(kind.value): kind for kind in OrganizationKind}
    for code in LANGUAGES:
        with force_locale(code):
            found |= {search_key(say(label)): kind for kind, label in KINDS.items()}
    return found


def _kind(text: str) -> OrganizationKind:
    found = _kinds().get(search_key(text))
    if found is None:
        raise Refused(N_("“%(text)s” is no kind of organization."), text=text)
    return found


KEEPERS: Mapping[Directory, Keeper] = {
    Directory.INSTITUTIONS: Keeper(
        index=lambda: Index(Institution),
        keys=NAMES,
        required=NAMES,
        meaning=_of_institution,
        details=officials.InstitutionDetails,
        stored=_stored(officials.InstitutionDetails),
        create=officials.create_institution,
        update=lambda row, **more: officials.update_institution(institution=row, **more),
    ),
    Directory.OFFICIALS: Keeper(
        index=lambda: Index(Official),
        keys=NAMES,
        required=(*NAMES, *POSITIONS, "institution_id"),
        meaning=_of_official,
        details=officials.OfficialDetails,
        stored=_stored_official,
        create=officials.create_official,
        update=lambda row, **more: officials.update_official(official=row, **more),
    ),
    Directory.ORGANIZATIONS: Keeper(
        index=lambda: Index(Organization, Organization.merged_into_id.is_(None)),
        keys=(*ACRONYMS.values(), *NAMES),
        required=("kind", *NAMES),
        meaning=_of_organization,
        details=lambda **values: organizations.OrganizationDetails(**{"acronym": None} | values),
        stored=_stored(organizations.OrganizationDetails),
        create=organizations.create_organization,
        update=lambda row, **more: organizations.update_organization(organization=row, **more),
    ),
}


def record_of(index: Index, keeper: Keeper, cells: Cells) -> Any:
    """The record that a row is about, or None: the first of its keys that names one."""
    found: Iterable[Any] = (index.find(cells[key]) for key in keeper.keys if cells.get(key))
    return next((record for record in found if record is not None), None)
