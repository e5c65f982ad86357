"""What people do with a list: receive, choose, mend, answer, send, return, accept, undo.

A focal point's list is in the hands of the delegation until it is sent; then in a registrar's, who
accepts it or returns it. Whoever has it not in hand changes nothing of it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Function
from tracker.accreditation.operations import check_pledge
from tracker.audit.capture import insert_many
from tracker.audit.models import AuditEntry
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import after_commit, db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.jobs import jobs
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.text import file_name, normalize, search_key
from tracker.lists.checking import Check, check_list
from tracker.lists.models import ColumnMemory, ListRow, ListStatus, ObserverList, RowStatus
from tracker.lists.queries import row_for
from tracker.lists.reconcile import Checked
from tracker.lists.rules import demand_checked, demand_in_hand
from tracker.observers.intake import limits
from tracker.observers.intake.columns import fields
from tracker.observers.intake.pictures import portrait_members
from tracker.observers.intake.text_files import DELIMITERS, ENCODINGS
from tracker.observers.models import DuplicateVerdict

CHUNK = 1_000
MOST_AT_ONCE = 2_000  # rows checked while the person waits
LARGE_FILE = 400_000  # bytes; about so many rows


@dataclass(frozen=True, kw_only=True)
class Received:
    """What is sent: the file, perhaps portraits, and what holds for everyone on the list."""

    filename: str
    content: bytes
    portraits: bytes | None = None
    function: Function | None = None
    pledge_signed_on: date | None = None
    sheet: str | None = None


def receive_list(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    received: Received,
    at_once: bool = False,
) -> ObserverList:
    """Keep a list and check it; raises `Refused` where it cannot be read, and keeps nothing.

    A focal point's stays with the delegation. A large one is checked by the job process, unless
    the caller waits (`at_once`).
    """
    actor.require(Capability.DELIVER_LISTS)
    if len(received.content) > limits.LARGEST_FILE:  # before it is kept
        raise Refused(
            N_("The file is larger than %(limit)s megabytes."),
            field="file",
            limit=limits.LARGEST_FILE // limits.MEGABYTE,
        )
    if received.portraits is not None and not portrait_members(received.portraits):
        raise Refused(N_("The archive holds no JPEG, PNG or WebP pictures."), field="portraits")
    check_pledge(received.pledge_signed_on, clock.today(election.time_zone))
    name = file_name(received.filename)
    found = ObserverList(
        election_id=election.id,
        delegation_id=delegation.id,
        filename=name or "list",
        content=storage.put(received.content),
        portraits=storage.put(received.portraits) if received.portraits else None,
        status=ListStatus.CHECKED,
        is_with_delegation=actor.is_of_delegation,
        choices={"sheet": received.sheet} if received.sheet else {},
        function=received.function,
        pledge_signed_on=received.pledge_signed_on,
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    if at_once:
        store_check(found, check_list(found, election, delegation))
    else:
        check_again(found, election, delegation)
    return found


def store_check(found: ObserverList, check: Check) -> None:
    """Keep what a check said, so that pages read it row by row."""
    db.session.flush()
    db.session.execute(sa.delete(ListRow).where(ListRow.list_id == found.id))
    for start in range(0, len(check.rows), CHUNK):
        chunk = check.rows[start : start + CHUNK]
        insert_many(ListRow, [_stored(found.id, item, check) for item in chunk])
    counts = {status.value: 0 for status in RowStatus} | {"left_out": 0}
    for item in check.rows:
        counts["left_out" if item.is_left_out else item.status.value] += 1
    grid, table = check.reading.grid, check.reading.table
    found.facts = {
        "counts": counts,
        "sheet": grid.sheet,
        "sheets": list(grid.sheets),
        "encoding": grid.encoding,
        "delimiter": grid.delimiter,
        "header_row": table.header_row,
        "not_persons": list(table.left_out[:50]),
        "is_asked": check.reading.is_asked,
        "portraits": len(check.portraits),
        "dropped": check.dropped,
        "checked_at_position": _position(),
    }
    found.columns = [
        {
            "index": column.index,
            "letter": column.letter,
            "header": column.header,
            "field": column.field,
            "by": column.by,
            "samples": [text[:60] for text in column.samples if column.field != "mrz"],
        }
        for column in check.reading.columns
    ]
    db.session.flush()


WATCHED = ("accreditations", "duplicate_decisions", "observers", "travel_documents")


def record_moved(found: ObserverList) -> bool:
    """Whether people or accreditations have changed since the list was checked."""
    query = sa.select(AuditEntry.id).where(
        AuditEntry.position > found.facts["checked_at_position"],
        AuditEntry.record_table.in_(WATCHED),
        AuditEntry.action != "read",
    )
    return db.session.scalar(query.limit(1)) is not None


def _position() -> int:
    return db.session.scalar(sa.select(sa.func.max(AuditEntry.position))) or 0


def _stored(list_id: int, item: Checked, check: Check) -> dict[str, Any]:
    said = {
        "values": item.row.values,
        "raw": item.row.raw,
        "notices": item.row.notices,
        "problems": [asdict(problem) for problem in item.row.problems],
        "differences": item.differences,
        "likes": [
            {
                "observer_id": like.observer_id,
                "name": like.name,
                "score": like.match.score,
                "reasons": [reason.code for reason in like.match.reasons],
            }
            for like in item.likes[:5]
        ],
        "portrait": check.portraits.get(item.row.number),
    }
    return {
        "list_id": list_id,
        "number": item.row.number,
        "status": item.status,
        "is_left_out": item.is_left_out,
        "said": json.dumps(said, ensure_ascii=False, default=str),
        "observer_id": item.observer_id,
        "accreditation_id": item.accreditation_id,
    }


def check_again(found: ObserverList, election: Election, delegation: Delegation) -> None:
    found.failure = None
    if is_large(found):
        check_later(found)
    else:
        store_check(found, check_list(found, election, delegation))


def is_large(found: ObserverList) -> bool:
    """Whether checking takes longer than a person waits for a page."""
    counted = sum(found.facts.get("counts", {}).values())
    return counted > MOST_AT_ONCE or (not counted and len(storage.get(found.content)) > LARGE_FILE)


def check_later(found: ObserverList) -> None:
    """Leave the check to the job process."""
    found.status = ListStatus.CHECKING
    db.session.flush()
    list_id = found.id
    after_commit(lambda: jobs.enqueue("check_list", list_id=list_id))


@dataclass(frozen=True, kw_only=True)
class NewChoices:
    """What a person chose against what was recognized; None keeps what was recognized."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    day_first: bool | None = None
    surname_first: bool | None = None
    columns: Mapping[int, str] | None = None  # index to field, "" for none
    function: Function | None = None
    pledge_signed_on: date | None = None


def choose(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    found: ObserverList,
    choices: NewChoices,
) -> ObserverList:
    """Read the list anew with other choices, and remember what its headers mean."""
    demand_in_hand(actor, found)
    demand_checked(found)
    chosen = dict(choices.columns or {})
    _check_columns(chosen)
    if choices.encoding and choices.encoding not in ENCODINGS:
        raise Refused(N_("This encoding is not known."), field="encoding")
    if choices.delimiter and choices.delimiter not in DELIMITERS:
        raise Refused(N_("This delimiter is not known."), field="delimiter")
    check_pledge(choices.pledge_signed_on, clock.today(election.time_zone))
    is_other_table = (choices.sheet or found.facts["sheet"]) != found.facts["sheet"] or (
        choices.header_row is not None and choices.header_row != found.facts["header_row"]
    )
    recognized = {column["index"]: column["field"] or "" for column in found.columns}
    changed = {index: name for index, name in chosen.items() if recognized.get(index) != name}
    kept = {} if is_other_table else dict(found.choices.get("fields") or {})
    kept |= {} if is_other_table else {str(index): name for index, name in changed.items()}
    plain = asdict(choices)
    for name in ("columns", "function", "pledge_signed_on"):
        plain.pop(name)
    found.choices = {name: value for name, value in plain.items() if value is not None}
    found.choices = found.choices | {"fields": kept}
    if is_other_table:
        found.mended, found.answers = "{}", {}
    found.function, found.pledge_signed_on = choices.function, choices.pledge_signed_on
    _remember(found, delegation, {} if is_other_table else changed)
    check_again(found, election, delegation)
    return found


def _check_columns(chosen: Mapping[int, str]) -> None:
    named = [name for name in chosen.values() if name and name not in {"ignore", "row_number"}]
    unknown = sorted(set(named) - set(fields()))
    if unknown:
        raise Refused(N_("There is no such field."), field="columns")
    if len(named) != len(set(named)):
        raise Refused(N_("Two columns cannot both hold the same."), field="columns")


def _remember(found: ObserverList, delegation: Delegation, changed: Mapping[int, str]) -> None:
    """What a person chose for a header holds for the organization's later lists."""
    keys = {column["index"]: column["header"] for column in found.columns}
    known = {
        row.header_key: row
        for row in db.session.scalars(
            sa.select(ColumnMemory).where(
                ColumnMemory.organization_id == delegation.organization_id
            )
        )
    }
    for index, name in changed.items():
        key = header_key(keys.get(index, ""))
        if not key:
            continue
        row = known.get(key) or ColumnMemory(
            organization_id=delegation.organization_id, header_key=key
        )
        row.field = name or "ignore"
        db.session.add(row)


def header_key(header: str) -> str:
    """A header as it is remembered: small Latin letters and digits."""
    return search_key(header)[:200]


def mend_row(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    found: ObserverList,
    number: int,
    cells: Mapping[str, str],
) -> None:
    """Type some cells of a row anew; an empty one counts as an empty cell."""
    demand_in_hand(actor, found)
    mended: dict[str, dict[str, str]] = json.loads(found.mended)
    allowed = {"surname", "given_names", *fields()} - {"ignore", "row_number"}
    typed = {name: normalize(text)[:400] for name, text in cells.items() if name in allowed}
    mended[str(number)] = mended.get(str(number), {}) | typed
    found.mended = json.dumps(mended, ensure_ascii=False)
    check_again(found, election, delegation)


def _answer(found: ObserverList, number: int, **said: Any) -> None:
    # A new dict, so that the change of a JSON column is seen.
    answers = dict(found.answers)
    answers[str(number)] = dict(answers.get(str(number), {})) | said
    found.answers = answers


def leave_out(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    found: ObserverList,
    number: int | None,
    is_left_out: bool,
) -> None:
    """Leave a row out of the acceptance, or take it back in; None: every row with a problem."""
    demand_in_hand(actor, found)
    numbers = [number] if number is not None else problem_numbers(found.id)
    for each in numbers:
        _answer(found, each, left_out=is_left_out)
    check_again(found, election, delegation)


def problem_numbers(list_id: int) -> list[int]:
    """The rows that cannot be accepted as they are."""
    query = sa.select(ListRow.number).where(
        ListRow.list_id == list_id, ListRow.status == RowStatus.PROBLEM
    )
    return list(db.session.scalars(query.order_by(ListRow.number)))


def answer_duplicate(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    found: ObserverList,
    number: int,
    observer_id: int,
    verdict: DuplicateVerdict,
) -> None:
    """Say whether the row and a person on record are one; a dual national is one person."""
    demand_in_hand(actor, found)
    if observer_id not in {like["observer_id"] for like in row_for(found.id, number).likes}:
        raise Refused(N_("This row is not like that person any more. Look at it again."))
    if verdict is DuplicateVerdict.DIFFERENT:
        earlier = found.answers.get(str(number), {}).get("different_from", [])
        _answer(found, number, different_from=sorted({*earlier, observer_id}), same_as=None)
    else:
        _answer(found, number, same_as=observer_id, verdict=verdict.value)
    check_again(found, election, delegation)


def decide_dropped(
    *, actor: Actor, found: ObserverList, decisions: Mapping[int, Mapping[str, Any]]
) -> None:
    """Say what becomes of people who are not on the corrected list."""
    demand_in_hand(actor, found)
    allowed = set(found.facts.get("dropped", ()))
    found.dropped = {
        str(key): dict(decision) for key, decision in decisions.items() if key in allowed
    }
    db.session.flush()


def discard_list(*, actor: Actor, found: ObserverList) -> None:
    """Put a list away without accepting it; what was read of its rows is forgotten."""
    demand_in_hand(actor, found)
    found.status = ListStatus.DISCARDED
    db.session.execute(sa.delete(ListRow).where(ListRow.list_id == found.id))
    db.session.flush()
