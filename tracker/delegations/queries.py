"""Delegations as read by pages and by other parts, within the actor's scope."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import AccountLink, LinkKind, User
from tracker.delegations.models import (
    Delegation,
    DelegationContact,
    DelegationHead,
    DelegationStep,
    FocalPoint,
)
from tracker.delegations.rules import in_force
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, language
from tracker.kernel.text import sort_key
from tracker.organizations.labels import sender_name
from tracker.organizations.models import ACRONYMS, Organization

NAMES_OF_SENDERS = tuple(
    getattr(Organization, name) for name in (*ACRONYMS.values(), "name_en", "name_ru", "name_kk")
)


def delegation_ids_of(user_id: int) -> frozenset[int]:
    """The delegations that a focal point may see."""
    query = sa.select(FocalPoint.delegation_id).where(FocalPoint.user_id == user_id)
    return frozenset(db.session.scalars(query))


def focal_points_of(delegation_id: int) -> Sequence[tuple[User, datetime | None]]:
    """Who sees a delegation from its own side, by name; and until when the link of somebody who has
    not come in yet is open, None where there is none."""
    until = (
        sa.select(sa.func.max(AccountLink.expires_at))
        .where(
            AccountLink.user_id == User.id,
            AccountLink.kind == LinkKind.INVITATION,
            AccountLink.used_at.is_(None),
            AccountLink.cancelled_at.is_(None),
            AccountLink.expires_at > clock.now(),
        )
        .correlate(User)
        .scalar_subquery()
    )
    query = (
        sa.select(User, until)
        .join(FocalPoint, FocalPoint.user_id == User.id)
        .where(FocalPoint.delegation_id == delegation_id)
        .order_by(User.name, User.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def delegation_for(actor: Actor, election_id: int, delegation_id: int) -> Delegation:
    """The delegation of this election; raises `NotFound` also outside the actor's scope."""
    query = sa.select(Delegation).where(
        Delegation.election_id == election_id, Delegation.id == delegation_id
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.id):
        raise NotFound(N_("There is no such delegation."))
    return found


def delegations_of(actor: Actor, election_id: int) -> Sequence[Delegation]:
    """The delegations of an election within the actor's scope, organizations first, by what they
    are called in the reader's language."""
    query = (
        sa.select(Delegation)
        .join(Organization)
        .options(joinedload(Delegation.organization, innerjoin=True))
        .where(Delegation.election_id == election_id)
        .order_by(Delegation.id)
    )
    if actor.delegation_ids is not None:
        query = query.where(Delegation.id.in_(actor.delegation_ids))
    return sorted(db.session.scalars(query), key=lambda row: _by_sender(row.organization))


def delegation_names(actor: Actor, election_id: int) -> dict[int, str]:
    """What the delegations of `delegations_of` are called, by their numbers and in the same order:
    to choose one from."""
    query = (
        sa.select(Delegation.id, Organization.country, *NAMES_OF_SENDERS)
        .join(Organization)
        .where(Delegation.election_id == election_id)
        .order_by(Delegation.id)
    )
    if actor.delegation_ids is not None:
        query = query.where(Delegation.id.in_(actor.delegation_ids))
    rows = sorted(db.session.execute(query), key=_by_sender)
    return {row.id: sender_name(row) for row in rows}


def _by_sender(sender: Any) -> tuple[bool, str]:
    name = sender_name(sender)
    return sender.country is not None, sort_key(name, language())


def delegation_of(election_id: int, organization_id: int) -> Delegation | None:
    """The delegation of an organization to an election, where there is one."""
    return db.session.scalar(
        sa.select(Delegation).where(
            Delegation.election_id == election_id, Delegation.organization_id == organization_id
        )
    )


def delegations_by_sender(election_id: int) -> dict[str, int]:
    """Which delegation to this election there is of a sender, by its number as a text and, of a
    state, by its code."""
    query = (
        sa.select(Delegation.id, Organization.id.label("number"), Organization.country)
        .join(Organization)
        .where(Delegation.election_id == election_id)
        .order_by(Delegation.id)
    )
    rows = db.session.execute(query).all()
    found = {str(row.number): row.id for row in rows}
    return found | {row.country: row.id for row in rows if row.country}


def heads_of(delegation_ids: Iterable[int], on: date) -> dict[int, DelegationHead]:
    """Who heads each of these delegations on a day, in one statement."""
    query = sa.select(DelegationHead).where(DelegationHead.delegation_id.in_(list(delegation_ids)))
    rows: dict[int, list[DelegationHead]] = defaultdict(list)
    for row in db.session.scalars(query):
        rows[row.delegation_id].append(row)
    found = ((key, in_force(heads, on)) for key, heads in rows.items())
    return {key: head for key, head in found if head is not None}


def _rows_of(model: Any, delegation_id: int) -> Sequence[Any]:
    query = sa.select(model).where(model.delegation_id == delegation_id)
    return db.session.scalars(query.order_by(model.effective_on, model.id)).all()


def steps_of(delegation_id: int) -> Sequence[DelegationStep]:
    """The steps of a delegation's life, oldest first."""
    return _rows_of(DelegationStep, delegation_id)


def head_rows_of(delegation_id: int) -> Sequence[DelegationHead]:
    """Everyone who headed the delegation, oldest first."""
    return _rows_of(DelegationHead, delegation_id)


def contacts_of(delegation_id: int) -> Sequence[DelegationContact]:
    """All contacts of the delegation, oldest first, ended ones too."""
    return _rows_of(DelegationContact, delegation_id)


def present_contacts_of(delegation_id: int) -> list[DelegationContact]:
    """The contacts that have not ended, oldest first."""
    return [row for row in contacts_of(delegation_id) if row.ended_on is None]


def contact_for(delegation_id: int, contact_id: int) -> DelegationContact:
    """One contact of the delegation; raises `NotFound`."""
    found = db.session.get(DelegationContact, contact_id)
    if found is None or found.delegation_id != delegation_id:
        raise NotFound(N_("There is no such contact."))
    return found
