"""Which rows of a table belong to a purge: those of its election, of the people who are due with
it, or those that are old enough.

Somebody who takes part in another election as well is due with the last of them: until then the
person is kept whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.kernel.database import db

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class Reach:
    """What of a category is due: of which election, which others hold people back, how old."""

    election_id: int
    open_ids: tuple[int, ...]  # elections whose own data of this category is not due yet
    written_until: datetime  # of categories by age


Scope = Callable[[sa.Table, Reach], Condition]


def table(name: str) -> sa.Table:
    """A table by its name."""
    return db.metadata.tables[name]


def people(reach: Reach) -> sa.Select[Any]:
    """The observers of the election who are not kept for another one."""
    taking_part = table("accreditations").c
    kept = sa.select(taking_part.observer_id).where(taking_part.election_id.in_(reach.open_ids))
    return sa.select(taking_part.observer_id).where(
        taking_part.election_id == reach.election_id, taking_part.observer_id.not_in(kept)
    )


def person(rows: sa.Table, reach: Reach) -> Condition:
    """The people themselves."""
    return rows.c.id.in_(people(reach))


def of_person(*columns: str) -> Scope:
    """Rows that name one of these people in one of the columns."""

    def scope(rows: sa.Table, reach: Reach) -> Condition:
        return sa.or_(*(rows.c[name].in_(people(reach)) for name in columns))

    return scope


def of_election(rows: sa.Table, reach: Reach) -> Condition:
    """Rows that name the election."""
    return rows.c.election_id == reach.election_id


def through(column: str, parent: str, scope: Scope = of_election) -> Scope:
    """Rows that name a row of `parent` which is in its own scope."""

    def scoped(rows: sa.Table, reach: Reach) -> Condition:
        above = table(parent)
        return rows.c[column].in_(sa.select(above.c.id).where(scope(above, reach)))

    return scoped


def written(column: str, *, but: Condition | None = None) -> Scope:
    """Rows that are old enough, of whatever election."""

    def scope(rows: sa.Table, reach: Reach) -> Condition:
        old = rows.c[column] < reach.written_until
        return old if but is None else sa.and_(old, sa.not_(but))

    return scope


def not_shared(rows: sa.Table, _reach: Reach) -> Condition:
    """Identities that no two people share any more."""
    carried = table("observers").c.identity_digest
    shared = sa.select(carried).where(carried.is_not(None)).group_by(carried)
    return rows.c.identity_digest.not_in(shared.having(sa.func.count() > 1))
