"""Putting a matter of the attention list off, and taking that back."""

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.attention import Kind, Snooze
from tracker.logistics.rules.attention import Span, until


def snooze_matter(
    *, actor: Actor, election: Election, kind: Kind, count: int, span: Span, reason: str
) -> Snooze:
    """Put off what `count` records wait for; it comes back in time, or once there are more."""
    actor.require(Capability.HANDLE_REQUESTS)
    if not reason.strip():
        raise Refused(N_("Give the reason."), field="reason")
    _end(election, kind)
    now = clock.now()
    found = Snooze(
        election_id=election.id,
        kind=kind,
        count=count,
        until_at=until(span, now, election.time_zone),
        reason=reason,
        created_at=now,
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found


def wake_matter(*, actor: Actor, election: Election, kind: Kind) -> None:
    """Bring a matter back before its time."""
    actor.require(Capability.HANDLE_REQUESTS)
    _end(election, kind)


def _end(election: Election, kind: Kind) -> None:
    """End what stands; the election's row is locked, so that two people follow each other."""
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    standing = sa.select(Snooze).where(
        Snooze.election_id == election.id, Snooze.kind == kind, Snooze.ended_at.is_(None)
    )
    for row in db.session.scalars(standing):
        row.ended_at = clock.now()
    db.session.flush()
