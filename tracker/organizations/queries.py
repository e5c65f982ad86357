"""The directory of senders as read by pages and by other parts."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.text import search_key
from tracker.organizations.models import Organization, OrganizationKind


def organization_for(actor: Actor, organization_id: int) -> Organization:
    """The organization; raises `NotFound`."""
    found = db.session.get(Organization, organization_id)
    if found is None:
        raise NotFound(N_("There is no such organization."))
    return found


def directory(
    *, search: str = "", kind: OrganizationKind | None = None, archived: bool = False
) -> sa.Select[Organization, str, int]:
    """The organizations that match, in no order yet; merged ones are left out."""
    query = sa.select(Organization, Organization.name_en, Organization.id).where(
        Organization.merged_into_id.is_(None), Organization.is_archived == archived
    )
    if search:
        query = query.where(Organization.search_key.contains(search_key(search), autoescape=True))
    if kind:
        query = query.where(Organization.kind == kind)
    return query


def directory_page(query: sa.Select[Organization, str, int], cursor: str | None) -> Page:
    """One page of the directory by English name."""
    return keyset(query, keys=(Organization.name_en, Organization.id), cursor=cursor)


def choices() -> Sequence[Organization]:
    """The organizations other than states that a delegation can be made for."""
    query = sa.select(Organization).where(
        Organization.kind != OrganizationKind.FOREIGN_STATE,
        Organization.is_archived.is_(False),
        Organization.merged_into_id.is_(None),
    )
    return db.session.scalars(query.order_by(Organization.name_en, Organization.id)).all()
