"""Takes rows of a file into a directory: rehearsed for the person to look at, then whole or not.

The rehearsal does what the acceptance does, by the same operations, and undoes it: so what is shown
is what will be, with every rule of the directory, and with what earlier rows of the file bring.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from tracker.directories.intake import Directory
from tracker.directories.keepers import KEEPERS, Index, Keeper, record_of
from tracker.directories.labels import FIELDS
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Forbidden, Refused, Several, Words
from tracker.kernel.i18n import N_, localized
from tracker.logistics.sheets import TOO_LONG, Row
from tracker.officials.models import Institution, Official
from tracker.organizations.labels import KINDS
from tracker.organizations.models import ACRONYMS

LONGEST = 200  # characters of a name, a position, a contact
LONGER = {"address": 300, "assistant_email": 254, "time_zone": 64}
LONGER |= dict.fromkeys(ACRONYMS.values(), 30)


class Status(StrEnum):
    """What a row is to the directory."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"


KEPT = frozenset({Status.NEW, Status.CHANGED})


@dataclass(frozen=True)
class Outcome:
    """What becomes of a row; `record` is the one that it is about, where there was one."""

    row: Row
    status: Status
    record: Any = None
    changes: tuple[Difference, ...] = ()
    problems: tuple[Refused, ...] = ()


def rehearse(*, actor: Actor, directory: Directory, rows: Sequence[Row]) -> list[Outcome]:
    """What would become of each row; nothing of it stays."""
    whole = db.session.begin_nested()
    try:
        found = _take_in(actor, directory, rows)
    finally:
        whole.rollback()
    _read_again([each.record for each in found if each.status is Status.CHANGED])
    return found


def _read_again(records: Sequence[Any]) -> None:
    """What the way back put in doubt, in one statement and not in one for each that is shown."""
    if records:
        model = type(records[0])
        ids = [sa.inspect(each).identity[0] for each in records]
        db.session.scalars(sa.select(model).where(model.id.in_(ids))).unique().all()


def accept_rows(
    *, actor: Actor, directory: Directory, rows: Sequence[Row], seen: str
) -> list[Outcome]:
    """Take in every row that is new or changed, as it was shown: `seen` is the rehearsal's mark.

    Refused where anything would be other than what the person saw when they accepted.
    """
    found = _take_in(actor, directory, rows)
    if mark_of(found) != seen or not any(each.status in KEPT for each in found):
        raise Refused(N_("Something was entered or changed meanwhile. Look at the rows again."))
    return found


def mark_of(outcomes: Iterable[Outcome]) -> str:
    """What tells two outcomes apart: the rows, and from what to what they change."""
    said = [
        [each.row.number, dict(each.row.cells), each.status]
        + [[change.field, str(change.theirs), str(change.yours)] for change in each.changes]
        for each in outcomes
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _take_in(actor: Actor, directory: Directory, rows: Sequence[Row]) -> list[Outcome]:
    keeper = KEEPERS[directory]
    index, seen = keeper.index(), dict[int, int]()
    return [_taken(actor, keeper, index, row, seen) for row in rows]


def _taken(actor: Actor, keeper: Keeper, index: Index, row: Row, seen: dict[int, int]) -> Outcome:
    """One row, whole or not at all; `seen` says which earlier row was about which record."""
    savepoint = db.session.begin_nested()
    try:
        outcome = _keep(actor, keeper, index, row, seen)
    except Forbidden:
        raise
    except Refused as refusal:
        savepoint.rollback()
        problems = refusal.refusals if isinstance(refusal, Several) else (refusal,)
        return Outcome(row, Status.PROBLEM, problems=tuple(problems))
    savepoint.commit()
    return outcome


def _keep(actor: Actor, keeper: Keeper, index: Index, row: Row, seen: dict[int, int]) -> Outcome:
    for name, text in row.cells.items():
        if len(text) > LONGER.get(name, LONGEST):
            raise Refused(TOO_LONG, text=text[:40])
    given = keeper.meaning(row.cells, index)
    record = record_of(index, keeper, row.cells)
    if record is None:
        if lacking := [FIELDS[name] for name in keeper.required if name not in given]:
            raise Refused(N_("Missing: %(fields)s."), fields=Words(lacking))
        record = keeper.create(actor=actor, details=keeper.details(**given))
        outcome = Outcome(row, Status.NEW)
    elif record.id in seen:
        raise Refused(N_("Row %(number)s is about the same record."), number=str(seen[record.id]))
    else:
        outcome = _changed(actor, keeper, row, record, given)
    seen[record.id] = row.number
    index.add(record)
    return outcome


def _changed(actor: Actor, keeper: Keeper, row: Row, record: Any, given: dict[str, Any]) -> Outcome:
    """A row about a record that is there: what it does not say stays as it is."""
    stored = keeper.stored(record)
    changes = tuple(
        Difference(name, _shown(name, stored[name]), _shown(name, value))
        for name, value in given.items()
        if value != stored[name]
    )
    if not changes:
        return Outcome(row, Status.SAME, record)
    details = keeper.details(**stored | given)
    keeper.update(record, actor=actor, details=details, seen_version=record.version)
    return Outcome(row, Status.CHANGED, record, changes)


def _shown(name: str, value: Any) -> Any:
    """A value as people read it."""
    if name == "kind":
        return Words((KINDS[value],))
    if isinstance(value, bool):
        return Words((N_("yes") if value else N_("no"),))
    model = {"institution_id": Institution, "deputy_of_id": Official}.get(name)
    if model is not None and value:
        return localized(db.session.get_one(model, value), "name")
    return "" if value is None else value
