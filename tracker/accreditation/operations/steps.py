"""The one way in which an accreditation moves: a row of history and the status that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accreditation import queries
from tracker.accreditation.labels import STATUSES
from tracker.accreditation.models import Accreditation, AccreditationStatus, Ground, Transition
from tracker.accreditation.rules import LIVE_STATUSES, WAYS, Step, target_of
from tracker.audit.capture import insert_many, update_many
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Words
from tracker.kernel.i18n import N_


@dataclass(frozen=True)
class Reason:
    """Why: a ground from the list, and words where the ground is "other"."""

    ground: Ground | None = None
    text: str | None = None


def advance(
    row: Accreditation, step: Step, *, actor: Actor, at: datetime | None = None, **details: Any
) -> Transition:
    """Take one step: a row of history, and the status that follows from it, in one transaction.

    Raises `Refused` where the table has no such way, or where `at` lies in the future or before
    the step that the accreditation took last.
    """
    source = row.status if row.id else None
    target, moment = _way(row, source, step, at)
    row.status, row.status_at = target, moment
    row.is_live = target in LIVE_STATUSES
    if not row.id:
        db.session.add(row)
        _flush_live(row)
    transition = Transition(
        accreditation_id=row.id,
        election_id=row.election_id,
        **step_values(actor, source, target, moment),
        **details,
    )
    db.session.add(transition)
    return transition


def advance_many(
    rows: Sequence[queries.Standing],
    step: Step,
    *,
    actor: Actor,
    at: datetime | None = None,
    details: Sequence[dict[str, Any]] | None = None,
) -> int:
    """Have many take the same step at the same moment, in few statements; return how many.

    `details` of each row of history follow the order of `rows`. Raises as `advance` does, before
    anything is changed.
    """
    ways = [(row, *_way(row, row.status, step, at)) for row in rows]
    if not ways:
        return 0
    _row, target, moment = ways[0]
    changed = {"status": target, "status_at": moment, "is_live": target in LIVE_STATUSES}
    update_many(Accreditation, [row.id for row in rows], changed)
    history = [
        {"accreditation_id": row.id, "election_id": row.election_id}
        | step_values(actor, row.status, target, moment)
        | more
        for (row, *_way_of), more in zip(ways, details or [{}] * len(rows), strict=True)
    ]
    insert_many(Transition, history)
    return len(rows)


def _way(
    row: Accreditation | queries.Standing,
    source: AccreditationStatus | None,
    step: Step,
    at: datetime | None,
) -> tuple[AccreditationStatus, datetime]:
    """Where the step leads and when; raises `Refused` where the table or the clock says no."""
    target = target_of(step, source)
    if target is None:
        raise Refused(
            N_("The observer’s status is “%(status)s”: this step is not possible."),
            status=Words((STATUSES[source],) if source else ()),
        )
    now = clock.now()
    moment = at or now
    if moment > now:
        raise Refused(N_("A moment in the future cannot take effect yet."), field="effective_at")
    if row.id and moment < row.status_at:
        raise Refused(
            N_("%(name)s: “%(status)s” since %(moment)s, which is later than this."),
            field="effective_at",
            name=queries.names_of([row.id])[row.id],
            status=Words((STATUSES[row.status],)),
            moment=_local(row.election_id, row.status_at),
        )
    return target, moment


def _local(election_id: int, moment: datetime) -> datetime:
    zone = sa.select(Election.time_zone).where(Election.id == election_id)
    return clock.local(moment, db.session.scalars(zone).one())


def step_values(
    actor: Actor, source: AccreditationStatus | None, target: AccreditationStatus, moment: datetime
) -> dict[str, Any]:
    """The columns of one row of history, without those that say whose it is."""
    return {
        "from_status": source,
        "to_status": target,
        "effective_at": moment,
        "recorded_at": clock.now(),
        "actor_id": actor.user_id,
        "actor_name": actor.name,
    }


def _flush_live(row: Accreditation) -> None:
    """Flush a new live accreditation; where the database refuses a second, say where one is."""
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        first = queries.live_accreditation(row.election_id, row.observer_id)
        if first is None:
            raise
        raise already_live(first) from error


def already_live(first: queries.Live) -> Refused:
    """The refusal of a second live accreditation, saying where the first one is."""
    return Refused(
        N_("This person already has a live accreditation in %(delegation)s (no. %(number)s)."),
        field="document_number",
        delegation=first.delegation,
        number=first.accreditation_id,
    )


def check_reason(step: Step, reason: Reason) -> None:
    if reason.ground not in WAYS[step].grounds:
        raise Refused(N_("Choose a ground from the list."), field="ground")
    if reason.ground is Ground.OTHER and not (reason.text or "").strip():
        raise Refused(N_("Say what the other ground is."), field="ground_text")
