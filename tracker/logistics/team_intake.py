"""Deployment plans from files: one row an observer, rows of one team gathered, nothing stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.elections.regions import region_names, regions_of
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.text import passport_form, search_key
from tracker.logistics import sheets
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.operations.deployment import (
    NAMESAKE,
    TAKEN,
    Key,
    TeamDetails,
    faults,
    key_of,
)
from tracker.logistics.rules.deployment import overlap
from tracker.logistics.sheets import Row
from tracker.observers.intake.grid import Cell

LAYOUT = sheets.Layout(
    headers="team_headers.csv",
    days=("starts_on", "ends_on"),
    is_enough=lambda names: "region" in names and bool({"observer", "surname"} & names),
    lacking=N_("The list needs a header with at least the columns “Observer” and “Region”."),
    tellers=("observer", "surname"),
)
TEXTS = (
    *("place", "liaison_officer", "liaison_phone", "vehicle", "plate"),
    *("driver", "interpreter", "note"),
)
LONGEST = {"team": 60, "liaison_phone": 60, "vehicle": 100, "plate": 20, "note": 4000}
NO_REGION = N_("There is no region “%(text)s”.")
NO_OBSERVER = N_("Nobody of the delegation who may be placed is called “%(text)s”.")
EMPTY = {NO_REGION: N_("Give a region."), NO_OBSERVER: N_("Give the name of an observer.")}


@dataclass(frozen=True)
class Person:
    """Somebody who may be placed, by the words of each form of their name."""

    accreditation_id: int
    delegation_id: int
    name: str
    forms: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Known:
    """What rows are held against: delegations, people, teams that stand and who is in them."""

    election: Election
    delegations: Sequence[Delegation]
    people: Sequence[Person]
    teams: Sequence[DeploymentTeam]
    seats: Mapping[int, Sequence[int]]  # ids of teams by accreditation


@dataclass(frozen=True)
class Read:
    """What a row means; `problems` say why it cannot be entered."""

    row: Row
    delegation: Delegation | None = None
    person: Person | None = None
    details: TeamDetails | None = None
    problems: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Usual:
    """What a row means that does not say it."""

    delegation: Delegation | None
    starts_on: date
    ends_on: date


def rows_of(content: bytes, usual: Usual) -> list[Row]:
    """The rows of a file with the usual filled in; raises `Refused` where it is no such list."""
    found = sheets.rows_of(content, LAYOUT, _cells)
    given = {"starts_on": usual.starts_on.isoformat(), "ends_on": usual.ends_on.isoformat()}
    if usual.delegation:
        sender = usual.delegation.organization
        given["delegation"] = sender.acronym or sender.name_en
    return [replace(row, cells={**given, **row.cells}) for row in found]


def _cells(
    row: Sequence[Cell], places: Mapping[str, int], day_first: bool | None
) -> dict[str, str]:
    found = sheets.texts_of(row, places)
    for name in LAYOUT.days:
        if found.get(name):
            sheets.keep_day(found, name, row[places[name]], day_first)
    if found.get("surname"):
        found["observer"] = f"{found['surname']} {found.get('given_names', '')}".strip()
    return {name: text for name, text in found.items() if text}


def person_of(
    accreditation_id: int, delegation_id: int, surname: str, given_names: str, native: str | None
) -> Person:
    """Somebody by their names as in the passport and in their own script."""
    texts = [f"{given_names} {surname}", native or ""]
    forms = {form for text in texts for form in _forms(text)}
    name = f"{given_names} {surname}".strip()
    return Person(accreditation_id, delegation_id, name, tuple(sorted(forms, key=sorted)))


def _forms(text: str) -> set[frozenset[str]]:
    """The words of a name in any order, as it sounds and as passports write it."""
    found = (frozenset(search_key(form).split()) for form in (text, passport_form(text)))
    return {form for form in found if form}


def read_rows(rows: Sequence[Row], known: Known) -> list[Read]:
    """What the rows mean, each with everything that stands against it."""
    reader = _Reader(known)
    return [reader.read(row) for row in rows]


class _Reader:
    """Reads row after row, and remembers whom earlier rows have placed where."""

    def __init__(self, known: Known) -> None:
        self.election = known.election
        self.senders = sheets.senders_of(known.delegations)
        self.names = region_names(known.election.host_country)
        self.regions = {
            search_key(text): region.code
            for region in regions_of(known.election.host_country)
            for text in region.names
        }
        self.people: dict[int, list[Person]] = {}
        for person in known.people:
            self.people.setdefault(person.delegation_id, []).append(person)
        self.teams: dict[Key, Any] = {key_of(row.delegation_id, row): row for row in known.teams}
        by_id = {row.id: row for row in known.teams}
        self.places: dict[int, list[tuple[int, Any]]] = {
            person: [(by_id[key].delegation_id, by_id[key]) for key in keys if key in by_id]
            for person, keys in known.seats.items()
        }

    def read(self, row: Row) -> Read:
        """What one row means, after those before it."""
        problems: list[Refused] = []
        sender = sheets.sender_called(row.cells.get("delegation", ""), self.senders, problems)
        person = self._person(row.cells.get("observer", ""), sender, problems)
        details = self._details(row.cells, problems)
        if sender and person and details:
            problems += faults(self.election, details)
            problems += self._about_team(sender, details)
            problems += self._about_place(sender, person, details)
            if not problems:
                self.teams.setdefault(key_of(sender.id, details), details)
                places = self.places.setdefault(person.accreditation_id, [])
                places.append((sender.id, details))
        return Read(row, sender, person, details, tuple(problems))

    def _person(
        self, text: str, sender: Delegation | None, problems: list[Refused]
    ) -> Person | None:
        if sender is None:
            return None
        wanted, people = _forms(text), self.people.get(sender.id, [])
        found = [each for each in people if wanted & set(each.forms)]
        if not found:  # a second given name or a patronymic is often left out, on either side
            found = [each for each in people if any(_is_part(wanted, form) for form in each.forms)]
        if len(found) == 1:
            return found[0]
        if found:
            message = N_("Several people of the delegation are called “%(text)s”.")
            problems.append(Refused(message, text=text))
        else:
            problems.append(sheets.fault(NO_OBSERVER, text, EMPTY))
        return None

    def _region(self, text: str, problems: list[Refused]) -> str:
        found = self.regions.get(search_key(text))
        if found is None:
            problems.append(sheets.fault(NO_REGION, text, EMPTY))
        return found or ""

    def _details(self, cells: Mapping[str, str], problems: list[Refused]) -> TeamDetails | None:
        before = len(problems)
        region = self._region(cells.get("region", ""), problems)
        first = sheets.day_of(cells, "starts_on", problems)
        last = sheets.day_of(cells, "ends_on", problems)
        name = cells.get("team", "")
        if not name:
            problems.append(Refused(N_("Give a team.")))
        for field in ("team", *TEXTS):
            if len(cells.get(field, "")) > LONGEST.get(field, 200):
                problems.append(sheets.fault(sheets.TOO_LONG, cells[field][:40]))
        if first is None or last is None or len(problems) > before:
            return None
        texts: dict[str, Any] = {field: cells.get(field) for field in TEXTS}
        return TeamDetails(name=name, region=region, starts_on=first, ends_on=last, **texts)

    def _about_team(self, sender: Delegation, details: TeamDetails) -> Iterable[Refused]:
        """Where the row says of its team what is not so by what is entered or by earlier rows."""
        key = key_of(sender.id, details)
        team = self.teams.get(key)
        if team is None:
            for other_key, other in self.teams.items():
                if other_key[:2] == key[:2] and overlap(other, details):
                    yield self._where(NAMESAKE, other)
            return
        for field in TEXTS:
            text, other_text = getattr(details, field), getattr(team, field)
            if text and other_text and search_key(text) != search_key(other_text):
                message = N_("This team has “%(other)s” already, not “%(text)s”.")
                yield Refused(message, text=text, other=other_text)

    def _about_place(
        self, sender: Delegation, person: Person, details: TeamDetails
    ) -> Iterable[Refused]:
        for delegation_id, other in self.places.get(person.accreditation_id, ()):
            if key_of(delegation_id, other) == key_of(sender.id, details):
                yield Refused(N_("This is entered already."))
            elif overlap(other, details):
                yield self._where(TAKEN, other, who=person.name, team=other.name)

    def _where(self, message: str, other: Any, **params: str) -> Refused:
        days = {"first": other.starts_on, "last": other.ends_on}
        region = self.names.get(other.region, other.region)
        return Refused(message, region=region, **days, **params)


def _is_part(wanted: Iterable[frozenset[str]], form: frozenset[str]) -> bool:
    """Whether one of the names is the other with words left out; two words are the least."""
    return any(len(each & form) >= 2 and (each <= form or form <= each) for each in wanted)
