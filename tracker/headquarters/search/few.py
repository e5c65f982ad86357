"""Kinds of which there are few: every record is compared, inside words too."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import defer

from tracker.delegations.labels import STATUSES
from tracker.delegations.models import Delegation
from tracker.headquarters.search.asked import (
    Asked,
    Hits,
    Row,
    institution_rank,
    names_of,
    official_rank,
)
from tracker.kernel.database import db
from tracker.kernel.i18n import language_name, localized
from tracker.kernel.words import rank
from tracker.officials.models import Hall, Institution, Interpreter, Official
from tracker.organizations.labels import KINDS, acronym_of, sender_name
from tracker.organizations.models import Organization
from tracker.organizations.queries import organizations_to_find, rank_of

Record = TypeVar("Record")


def _few(
    asked: Asked,
    rows: Iterable[Record],
    judge: Callable[[Record], int | None],
    show: Callable[[Record, int], Row],
) -> Hits:
    """Of the rows of a small table those that match, the best first."""
    ranked = [(order, row) for row in rows if (order := judge(row)) is not None]
    ranked.sort(key=lambda pair: pair[0])
    found = [show(row, order) for order, row in ranked[: asked.limit]]
    return Hits(rows=found, count=len(ranked))


def delegations(asked: Asked) -> Hits:
    """By the sender's acronyms and names, or a State's; those of the current election first."""

    def judge(row: Delegation) -> int | None:
        return rank_of(row.organization, asked.text)

    def show(row: Delegation, order: int) -> Row:
        name, status = localized(row.organization, "name"), _(STATUSES[row.status])
        return Row(
            title=sender_name(row.organization),
            detail=f"{name} · {status}" if acronym_of(row.organization) else status,
            endpoint="headquarters.delegation",
            values=asked.slug(row.election_id) | {"delegation_id": row.id},
            rank=order,
            election=asked.elsewhere(row.election_id),
        )

    senders, here = list(asked.senders.values()), asked.election.id
    found, more = (
        _few(asked, [row for row in senders if (row.election_id == here) is is_here], judge, show)
        for is_here in (True, False)
    )
    return Hits(rows=[*found.rows, *more.rows][: asked.limit], count=found.count)


def organizations(asked: Asked) -> Hits:
    """The directory of senders."""

    def show(row: Organization, order: int) -> Row:
        return Row(
            title=localized(row, "name"),
            detail=" · ".join(filter(None, (acronym_of(row) or row.country, _(KINDS[row.kind])))),
            endpoint="organizations.organization",
            values={"organization_id": row.id},
            rank=order,
        )

    rows = [row for row in organizations_to_find() if not row.is_archived]
    return _few(asked, rows, lambda row: rank_of(row, asked.text), show)


def officials(asked: Asked) -> Hits:
    """Whom delegations meet, those in office first, in order of precedence."""

    def show(row: Official, order: int) -> Row:
        place = (localized(row, "position"), localized(row.institution, "name"))
        gone = () if row.is_active else (_("no longer in office"),)
        return Row(
            title=localized(row, "name"),
            detail=" · ".join((*place, *gone)),
            endpoint="officials.official",
            values={"official_id": row.id},
            rank=order,
        )

    return _few(asked, asked.officials, lambda row: official_rank(row, asked.words), show)


def institutions(asked: Asked) -> Hits:
    """Where officials work; they have no page of their own, but their list."""

    def show(row: Institution, order: int) -> Row:
        return Row(
            title=localized(row, "name"),
            detail=row.address or "",
            endpoint="officials.institutions",
            values={},
            rank=order,
        )

    return _few(asked, asked.institutions, lambda row: institution_rank(row, asked.words), show)


def halls(asked: Asked) -> Hits:
    """By their own name and their institution's."""

    def judge(row: Hall) -> int | None:
        return rank(asked.words, (*names_of(row), *names_of(row.institution)))

    def show(row: Hall, order: int) -> Row:
        return Row(
            title=localized(row, "name"),
            detail=localized(row.institution, "name"),
            endpoint="officials.hall",
            values={"hall_id": row.id},
            rank=order,
        )

    rows = db.session.scalars(sa.select(Hall).order_by(Hall.name_en, Hall.id))
    return _few(asked, rows, judge, show)


def interpreters(asked: Asked) -> Hits:
    """By name."""

    def show(row: Interpreter, order: int) -> Row:
        return Row(
            title=row.name,
            detail=", ".join(language_name(code) for code in row.language_codes),
            endpoint="officials.interpreter",
            values={"interpreter_id": row.id},
            rank=order,
        )

    query = sa.select(Interpreter).order_by(Interpreter.name, Interpreter.id)
    rows = db.session.scalars(query.options(defer(Interpreter.phone), defer(Interpreter.email)))
    return _few(asked, rows, lambda row: rank(asked.words, (row.name,)), show)
