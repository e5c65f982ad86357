"""Institutions and officials as read by pages and by other parts."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.officials.models import Hall, Institution, Official


def official_for(actor: Actor, official_id: int) -> Official:
    """The official; raises `NotFound`."""
    found = db.session.get(Official, official_id)
    if found is None:
        raise NotFound(N_("There is no such official."))
    return found


def institution_for(actor: Actor, institution_id: int) -> Institution:
    """The institution; raises `NotFound`."""
    found = db.session.get(Institution, institution_id)
    if found is None:
        raise NotFound(N_("There is no such institution."))
    return found


def officials(*, only_active: bool = False) -> Sequence[Official]:
    """All officials in order of precedence."""
    query = sa.select(Official).order_by(Official.precedence, Official.name_en, Official.id)
    return db.session.scalars(query.where(Official.is_active) if only_active else query).all()


def institutions() -> Sequence[Institution]:
    """All institutions by English name."""
    return db.session.scalars(
        sa.select(Institution).order_by(Institution.name_en, Institution.id)
    ).all()


def hall_for(actor: Actor, hall_id: int) -> Hall:
    """The hall; raises `NotFound`."""
    found = db.session.get(Hall, hall_id)
    if found is None:
        raise NotFound(N_("There is no such hall."))
    return found


def halls(*, only_active: bool = False) -> Sequence[Hall]:
    """All halls by institution and English name."""
    query = sa.select(Hall).join(Institution).order_by(Institution.name_en, Hall.name_en, Hall.id)
    return db.session.scalars(query.where(Hall.is_active) if only_active else query).all()
