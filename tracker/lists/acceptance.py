"""A list wholly in, or wholly not.

Acceptance is one transaction: whatever stops it (a killed process, a full disk, somebody entered
elsewhere at the same second) leaves the record as it was, and the list says so. Running it twice
does no harm, so that a job whose process died is simply given out again.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, Ground
from tracker.accreditation.operations import (
    Entry,
    Reason,
    create_accreditations,
    register_complete,
    withdraw_accreditation,
)
from tracker.accreditation.queries import accreditation_for
from tracker.audit.capture import insert_many
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
from tracker.lists.checking import ARCHIVE, check_list, listed_person
from tracker.lists.models import ListEffect, ListEffectKind, ListStatus, ObserverList, RowStatus
from tracker.lists.operations import record_moved, store_check
from tracker.lists.queries import ShownRow, to_do
from tracker.lists.rules import demand_checked, demand_in_hand
from tracker.lists.values import details_of, place_of, save, snapshot
from tracker.observers.intake.pictures import read_member
from tracker.observers.models import DuplicateVerdict, Observer
from tracker.observers.operations import decide_duplicate
from tracker.observers.portraits import portrait_from

Progress = Callable[[int, int], None]


def begin_acceptance(*, actor: Actor, found: ObserverList) -> None:
    """Give a list out to be accepted; raises `Refused` where a row still has a problem."""
    actor.require(Capability.EDIT_OBSERVERS)
    demand_in_hand(actor, found)
    demand_checked(found)
    counts = found.facts["counts"]
    if counts["problem"]:
        raise Refused(
            N_("%(count)s rows still have problems. Mend them or leave them out."),
            count=counts["problem"],
        )
    if not counts["new"] and not counts["changed"] and not found.dropped:
        raise Refused(N_("There is nothing to accept: every row is on record already."))
    found.status, found.failure = ListStatus.ACCEPTING, None
    found.accepted_by, found.accepted_by_id = actor.name, actor.user_id
    db.session.flush()


def accept_later(*, actor: Actor, found: ObserverList) -> None:
    """Give a list out to the job process, which accepts it as the person who asks."""
    if actor.user_id is None:
        raise Refused(N_("A person accepts a list: use a personal token."))
    begin_acceptance(actor=actor, found=found)
    list_id = found.id
    after_commit(lambda: jobs.enqueue("accept_list", list_id=list_id))


@dataclass
class Outcome:
    """What the acceptance of a list did."""

    created: int = 0
    changed: int = 0
    withdrawn: int = 0
    registered: int = 0
    # Row number and why its picture was not taken.
    without_portrait: list[tuple[int, str]] = field(default_factory=list)


def accept_list(
    *,
    actor: Actor,
    election: Election,
    delegation: Delegation,
    list_id: int,
    progress: Progress = lambda _done, _all: None,
) -> Outcome | None:
    """Store a list that was given out, whole; None where somebody else did meanwhile.

    Raises `Refused` where the record has changed so that a row has a problem now.
    """
    actor.require(Capability.EDIT_OBSERVERS)
    query = (
        sa.select(ObserverList).where(ObserverList.id == list_id).with_for_update(key_share=True)
    )
    found = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if found.status is not ListStatus.ACCEPTING:
        return None
    if record_moved(found):
        _check_again(found, election, delegation)
    outcome = Outcome()
    pictures = _Pictures(found, outcome.without_portrait)
    total = found.facts["counts"]["new"] + found.facts["counts"]["changed"]
    _enter_new(actor, election, delegation, found, pictures, outcome, progress)
    touched = []
    for chunk in to_do(found.id, RowStatus.CHANGED):
        for item in chunk:
            _change(actor, election, found, item, pictures)
            touched.append(item.accreditation_id or 0)
        outcome.changed += len(chunk)
        progress(outcome.created + outcome.changed, total)
    outcome.withdrawn = _withdraw(actor, election, found)
    outcome.registered += register_complete(actor=actor, election=election, ids=touched)
    found.status, found.accepted_at = ListStatus.ACCEPTED, clock.now()
    found.facts = found.facts | {"outcome": vars(outcome)}
    db.session.flush()
    return outcome


def _check_again(found: ObserverList, election: Election, delegation: Delegation) -> None:
    """Where people or accreditations changed since the check, what it said may not hold."""
    store_check(found, check_list(found, election, delegation))
    if found.facts["counts"]["problem"]:
        raise Refused(
            N_("The record changed meanwhile: %(count)s rows have problems now."),
            count=found.facts["counts"]["problem"],
        )


def _enter_new(
    actor: Actor,
    election: Election,
    delegation: Delegation,
    found: ObserverList,
    pictures: "_Pictures",
    outcome: Outcome,
    progress: Progress,
) -> None:
    replaced = _replacements(found)
    total = found.facts["counts"]["new"] + found.facts["counts"]["changed"]
    for chunk in to_do(found.id, RowStatus.NEW):
        known = _known(chunk)
        made = create_accreditations(
            actor=actor,
            election=election,
            delegation=delegation,
            entries=[_entry(item, pictures, replaced) for item in chunk],
        )
        _effects(found.id, known, zip(made.ids, chunk, strict=True))
        _decisions(actor, found, zip(made.ids, chunk, strict=True))
        outcome.created += len(chunk)
        outcome.registered += made.registered
        progress(outcome.created, total)


class _Pictures:
    """Reads, checks and keeps the portraits of a list; says of which rows it could not."""

    def __init__(self, found: ObserverList, bad: list[tuple[int, str]]) -> None:
        self._sheet = storage.get(found.content)
        self._archive = storage.get(found.portraits) if found.portraits else b""
        self._bad = bad

    def key(self, item: ShownRow) -> str | None:
        """The storage key of the row's portrait; None where there is none that can be used."""
        place = item.portrait
        if place is None:
            return None
        source = self._archive if place.startswith(ARCHIVE) else self._sheet
        try:
            return storage.put(portrait_from(read_member(source, place.split(":", 1)[1])))
        except Refused as refusal:
            self._bad.append((item.number, str(refusal)))
            return None


def _entry(item: ShownRow, pictures: _Pictures, replaced: Mapping[int, int]) -> Entry:
    return Entry(
        details=details_of(item.values, pictures.key(item)),
        place=place_of(item.values, replaces_id=replaced.get(item.number)),
        observer_id=item.observer_id,
    )


def _replacements(found: ObserverList) -> dict[int, int]:
    """Row number to the accredited observer whom its person replaces."""
    return {
        int(decision["row"]): int(key)
        for key, decision in found.dropped.items()
        if decision.get("action") == "replace"
    }


def _known(items: Iterable[ShownRow]) -> dict[int, str]:
    """What is on record of the persons who are known, by row number, as an undo puts it back."""
    return {
        item.number: json.dumps(
            listed_person(db.session.get_one(Observer, item.observer_id)), ensure_ascii=False
        )
        for item in items
        if item.observer_id is not None
    }


def _effects(list_id: int, known: Mapping[int, str], pairs: Iterable[tuple[int, ShownRow]]) -> None:
    rows = [
        {
            "list_id": list_id,
            "accreditation_id": accreditation_id,
            "kind": ListEffectKind.CREATED,
            "row_number": item.number,
            "before": known.get(item.number),
        }
        for accreditation_id, item in pairs
    ]
    insert_many(ListEffect, rows)


def _decisions(actor: Actor, found: ObserverList, pairs: Any) -> None:
    """Keep that new persons are not the ones they look like."""
    answered = {
        (accreditation_id, other)
        for accreditation_id, item in pairs
        for other in found.answers.get(str(item.number), {}).get("different_from", ())
    }
    if not answered:
        return
    query = sa.select(Accreditation.id, Accreditation.observer_id).where(
        Accreditation.id.in_({accreditation_id for accreditation_id, _other in answered})
    )
    persons = {row.id: row.observer_id for row in db.session.execute(query)}
    for accreditation_id, other in sorted(answered):
        decide_duplicate(
            actor=actor,
            one=persons[accreditation_id],
            other=other,
            verdict=DuplicateVerdict.DIFFERENT,
        )


def _change(
    actor: Actor, election: Election, found: ObserverList, item: ShownRow, pictures: _Pictures
) -> None:
    row = accreditation_for(actor, election.id, item.accreditation_id or 0)
    before = snapshot(row)
    values = before | {name: new for name, _old, new in item.differences}
    save(actor, election, row, values, pictures.key(item))
    db.session.add(
        ListEffect(
            list_id=found.id,
            accreditation_id=row.id,
            kind=ListEffectKind.CHANGED,
            row_number=item.number,
            before=json.dumps(before, ensure_ascii=False),
        )
    )


def _withdraw(actor: Actor, election: Election, found: ObserverList) -> int:
    count = 0
    for key, decision in found.dropped.items():
        if decision.get("action") != "withdraw":
            continue
        row = accreditation_for(actor, election.id, int(key))
        before = json.dumps(snapshot(row), ensure_ascii=False)
        withdraw_accreditation(actor=actor, row=row, reason=Reason(Ground.OWN_REQUEST))
        db.session.add(
            ListEffect(
                list_id=found.id,
                accreditation_id=row.id,
                kind=ListEffectKind.WITHDRAWN,
                before=before,
            )
        )
        count += 1
    return count


def interrupt(*, found: ObserverList, reason: Refused) -> None:
    """After a failed acceptance, which stored nothing: open the list again and say why."""
    if found.status in {ListStatus.ACCEPTING, ListStatus.CHECKING}:
        is_readable = found.status is ListStatus.ACCEPTING or bool(found.facts)
        found.status = ListStatus.CHECKED if is_readable else ListStatus.DISCARDED
        found.failure = json.dumps([reason.message, reason.params], default=str)
        db.session.flush()
