"""Institutions, officials, halls and interpreters as read by pages and by other parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import defer, selectinload

from tracker.kernel.actor import Actor
from tracker.kernel.database import Base, db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_, by_name
from tracker.kernel.listing import Page, keyset
from tracker.officials.models import (
    BlockedTime,
    Hall,
    Institution,
    Interpreter,
    Official,
    OfficialDay,
    Owner,
    TravelTime,
    owned_by,
)
from tracker.officials.rules import Span

Row = TypeVar("Row", bound=Base)


def _existing(model: type[Row], key: int, message: str) -> Row:
    found = db.session.get(model, key)
    if found is None:
        raise NotFound(message)
    return found


def official_for(actor: Actor, official_id: int) -> Official:
    """The official; raises `NotFound`."""
    return _existing(Official, official_id, N_("There is no such official."))


def institution_for(actor: Actor, institution_id: int) -> Institution:
    """The institution; raises `NotFound`."""
    return _existing(Institution, institution_id, N_("There is no such institution."))


def hall_for(actor: Actor, hall_id: int) -> Hall:
    """The hall; raises `NotFound`."""
    return _existing(Hall, hall_id, N_("There is no such hall."))


def interpreter_for(actor: Actor, interpreter_id: int) -> Interpreter:
    """The interpreter; raises `NotFound`."""
    return _existing(Interpreter, interpreter_id, N_("There is no such interpreter."))


def _by_precedence() -> sa.Select[Official]:
    order = (Official.precedence, Official.name_en, Official.id)
    loaded = (selectinload(Official.hours), selectinload(Official.deputy_of))
    return sa.select(Official).order_by(*order).options(*loaded)


def officials(*, only_active: bool = False) -> Sequence[Official]:
    """All officials in order of precedence, with institution, hours and whose deputy they are."""
    query = _by_precedence()
    return db.session.scalars(query.where(Official.is_active) if only_active else query).all()


def deputies_of(official_id: int) -> Sequence[Official]:
    """Who in office may stand in for an official, in order of precedence, loaded as `officials`."""
    query = _by_precedence().where(Official.deputy_of_id == official_id, Official.is_active)
    return db.session.scalars(query).all()


def institutions() -> Sequence[Institution]:
    """All institutions by name in the reader's language."""
    return by_name(db.session.scalars(sa.select(Institution).order_by(Institution.id)))


def halls(*, only_active: bool = False) -> Sequence[Hall]:
    """All halls by the names of their institutions and their own in the reader's language."""
    query = sa.select(Hall).order_by(Hall.id)
    found = by_name(db.session.scalars(query.where(Hall.is_active) if only_active else query))
    owners = [row.id for row in by_name({row.institution for row in found})]
    return sorted(found, key=lambda row: owners.index(row.institution_id))


def interpreters(*, only_active: bool = False) -> Sequence[Interpreter]:
    """All interpreters by name, with their hours."""
    query = sa.select(Interpreter).order_by(Interpreter.name, Interpreter.id)
    query = query.options(selectinload(Interpreter.hours))
    return db.session.scalars(query.where(Interpreter.is_active) if only_active else query).all()


def travel_times() -> dict[tuple[int, int], int]:
    """The minutes between two institutions, the lower id first; a pair not known is not there."""
    columns = (TravelTime.from_institution_id, TravelTime.to_institution_id, TravelTime.minutes)
    rows = db.session.execute(sa.select(*columns).order_by(*columns[:2])).all()
    return {(row[0], row[1]): row[2] for row in rows}


def official_days_between(first: date, last: date) -> Sequence[OfficialDay]:
    """The exceptions of all officials from one local day to another, both included."""
    order = (OfficialDay.official_id, OfficialDay.on, OfficialDay.starts, OfficialDay.id)
    query = sa.select(OfficialDay).where(OfficialDay.on.between(first, last))
    query = query.options(defer(OfficialDay.reason), defer(OfficialDay.label))
    return db.session.scalars(query.order_by(*order)).all()


@dataclass(frozen=True)
class Day:
    """All that is said of one day of an official; without spans they do not receive."""

    day_id: int  # of the first of its rows
    on: date
    spans: tuple[Span, ...]
    reason: str | None


def days_from(official_id: int, first: date) -> list[Day]:
    """The exceptions of one official from a local day on, by day."""
    query = sa.select(OfficialDay).where(
        OfficialDay.official_id == official_id, OfficialDay.on >= first
    )
    rows = db.session.scalars(query.order_by(OfficialDay.on, OfficialDay.starts, OfficialDay.id))
    days = []
    for on, group in groupby(rows, key=lambda row: row.on):
        parts = list(group)
        spans = tuple((row.starts, row.ends) for row in parts if row.starts and row.ends)
        days.append(Day(parts[0].id, on, spans, parts[0].reason or parts[0].label))
    return days


def day_for(official: Official, day_id: int) -> OfficialDay:
    """An exception of the official; raises `NotFound`."""
    found = _existing(OfficialDay, day_id, N_("There is no such day."))
    if found.official_id != official.id:
        raise NotFound(N_("There is no such day."))
    return found


def blocked_between(starts_at: datetime, ends_at: datetime) -> Sequence[BlockedTime]:
    """The blocked times of everybody that share a moment with the span, by time.

    One statement; a label, which is deciphered one by one, is read only where it is asked for.
    """
    query = sa.select(BlockedTime).where(
        BlockedTime.starts_at < ends_at, BlockedTime.ends_at > starts_at
    )
    query = query.order_by(BlockedTime.starts_at, BlockedTime.id)
    return db.session.scalars(query.options(defer(BlockedTime.label))).all()


def blocked_page(owner: Owner, since: datetime, cursor: str | None) -> Page:
    """One page of somebody's blocked times that end after `since`, by time, as records."""
    query = sa.select(BlockedTime, BlockedTime.starts_at, BlockedTime.id)
    query = query.filter_by(**owned_by(owner)).where(BlockedTime.ends_at > since)
    return keyset(query, keys=(BlockedTime.starts_at, BlockedTime.id), cursor=cursor)


def blocked_for(owner: Owner, blocked_id: int) -> BlockedTime:
    """A blocked time of its owner; raises `NotFound`."""
    query = sa.select(BlockedTime).filter_by(id=blocked_id, **owned_by(owner))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(N_("There is no such blocked time."))
    return found
