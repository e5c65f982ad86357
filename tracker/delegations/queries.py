"""Delegations as read by pages and by other parts, within the actor's scope."""

import sqlalchemy as sa

from tracker.delegations.models import Delegation, FocalPoint
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_


def delegation_ids_of(user_id: int) -> frozenset[int]:
    """The delegations that a focal point may see."""
    query = sa.select(FocalPoint.delegation_id).where(FocalPoint.user_id == user_id)
    return frozenset(db.session.scalars(query))


def delegation_for(actor: Actor, election_id: int, delegation_id: int) -> Delegation:
    """The delegation of this election; raises `NotFound` also outside the actor's scope."""
    query = sa.select(Delegation).where(
        Delegation.election_id == election_id, Delegation.id == delegation_id
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.id):
        raise NotFound(N_("There is no such delegation."))
    return found
