"""The thread of messages between each delegation and headquarters: one place, and nothing lost.

A thread waits for the side that did not write last, until it answers or says that no answer is
needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.delegations.models import Delegation, DelegationMessage
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.permissions import Capability

LONGEST = 4_000


def write_message(*, actor: Actor, delegation: Delegation, text: str) -> DelegationMessage:
    """Write into the thread of a delegation."""
    actor.require(Capability.WRITE_MESSAGES)
    text = text.strip()
    if not text:
        raise Refused(N_("Write something first."), field="text")
    if len(text) > LONGEST:
        raise Refused(N_("At most %(count)s characters."), field="text", count=LONGEST)
    row = DelegationMessage(
        delegation_id=delegation.id,
        is_from_headquarters=not actor.is_of_delegation,
        text=text,
        author_id=actor.user_id,
        author_name=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    return row


def settle_thread(
    *, actor: Actor, delegation: Delegation, message_id: int | None, is_settled: bool = True
) -> None:
    """Say that what the other side wrote last needs no answer, or does; twice changes nothing.

    `message_id` is the last message that was shown: what was written after it nobody has read.
    """
    actor.require(Capability.WRITE_MESSAGES)
    last = db.session.scalar(
        sa.select(DelegationMessage)
        .where(DelegationMessage.delegation_id == delegation.id)
        .order_by(DelegationMessage.id.desc())
        .limit(1)
    )
    if last is None or last.id != message_id:
        raise Refused(N_("Another message was written meanwhile: read it first."))
    if (last.settled_at is not None) is is_settled:
        return
    if last.is_from_headquarters is not actor.is_of_delegation:
        raise Refused(N_("The other side has not answered yet."))
    last.settled_at, last.settled_by = (clock.now(), actor.name) if is_settled else (None, None)
    db.session.flush()


def messages_page(delegation_id: int, cursor: str | None) -> Page:
    """One page of a thread, the newest first."""
    query = sa.select(DelegationMessage, DelegationMessage.id).where(
        DelegationMessage.delegation_id == delegation_id
    )
    return keyset(query, keys=(DelegationMessage.id,), cursor=cursor, descending=True)


@dataclass(frozen=True)
class Thread:
    """A delegation with the last message of its thread, whose text is not read."""

    delegation: Delegation
    last: DelegationMessage

    def waits_for(self, actor: Actor) -> bool:
        """Whether the actor's side is to answer."""
        is_other = self.last.is_from_headquarters is actor.is_of_delegation
        return is_other and self.last.settled_at is None


def _last_of(election_id: int) -> Any:
    """The identities of the last messages of an election's threads."""
    return (
        sa.select(sa.func.max(DelegationMessage.id))
        .join(Delegation, Delegation.id == DelegationMessage.delegation_id)
        .where(Delegation.election_id == election_id)
        .group_by(DelegationMessage.delegation_id)
    )


def threads(actor: Actor, election_id: int) -> Sequence[Thread]:
    """The threads in the actor's scope: those that wait for its side first, then the latest."""
    query = (
        sa.select(Delegation, DelegationMessage)
        .join(DelegationMessage, DelegationMessage.delegation_id == Delegation.id)
        .options(joinedload(Delegation.organization), sa.orm.defer(DelegationMessage.text))
        .where(DelegationMessage.id.in_(_last_of(election_id)))
    )
    if actor.delegation_ids is not None:
        query = query.where(Delegation.id.in_(actor.delegation_ids))
    found = [Thread(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda thread: (not thread.waits_for(actor), -thread.last.id))


def waiting_count(election_id: int) -> Any:
    """How many threads wait for headquarters, as a scalar."""
    query = sa.select(sa.func.count(DelegationMessage.id)).where(
        DelegationMessage.id.in_(_last_of(election_id)),
        ~DelegationMessage.is_from_headquarters,
        DelegationMessage.settled_at.is_(None),
    )
    return query.scalar_subquery()
