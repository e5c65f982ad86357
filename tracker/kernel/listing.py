"""Lists page by page: by key, not by offset, so that page 10,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from tracker.kernel.database import db

PAGE_SIZE = 50
BOUND = 10_000  # rows that are counted one by one; beyond it a list says "more than"
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Page:
    """One page of rows in order; the cursors are None where there is nothing further."""

    rows: Sequence[Any]
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True)
class Tally:
    """How many rows a list has: so many, or `is_more` than that."""

    number: int
    is_more: bool = False

    @classmethod
    def of(cls, number: int) -> "Tally":
        """Of a number that was counted to one more than `BOUND`."""
        return cls(min(number, BOUND), is_more=number > BOUND)


def tally(query: sa.Select[*tuple[Any, ...]]) -> Tally:
    """How many rows a query has, counted to `BOUND`."""
    some = query.limit(BOUND + 1).subquery()
    number = db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    return Tally.of(number)


def _encode(direction: str, values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([direction, *plain]).encode()).decode().rstrip("=")


def _decode(cursor: str | None, keys: Sequence[Key]) -> tuple[str, list[Any]] | None:
    """The cursor's direction and values; None for none and for anything that we did not write."""
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(f"{cursor or ''}=="))
        if direction not in {"after", "before"} or len(values) != len(keys):
            return None
        return direction, [
            _typed(value, key.type.python_type) for value, key in zip(values, keys, strict=True)
        ]
    except (ValueError, TypeError, binascii.Error):
        return None


def is_cursor(text: str) -> bool:
    """Whether `text` looks like a cursor of ours, of whichever list: a program that mixes up two
    of them is to be told, where a person is shown the first page."""
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(f"{text}=="))
    except (ValueError, TypeError, RecursionError):
        return False
    return direction in ("after", "before") and bool(values)


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if not isinstance(value, kind):
        raise ValueError("not of the key's type")
    return value


def page_of(rows: Sequence[Any], *, cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """One page of records that are all there, in their order: of a small table that no index
    sorts. Each has an `id`; a cursor whose record is gone opens the first page."""
    places = {row.id: place for place, row in enumerate(rows)}
    position = _decode(cursor, [sa.column("id", sa.Integer)])
    direction, place = "after", None
    if position is not None:
        direction, place = position[0], places.get(position[1][0])
    if place is None:
        start, end = 0, size
    elif direction == "after":
        start, end = place + 1, place + 1 + size
    else:
        start, end = max(0, place - size), place
    shown = [(row,) for row in rows[start:end]]
    return Page(
        shown,
        next_cursor=_encode("after", [rows[end - 1].id]) if shown and end < len(rows) else None,
        previous_cursor=_encode("before", [rows[start].id]) if shown and start > 0 else None,
    )


def streamed(query: sa.Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Every row of an ordered query, some hundred in memory at a time (a cursor of the server's
    on PostgreSQL): for files."""
    yield from db.session.execute(query.execution_options(yield_per=500))


def streamed_records(query: sa.Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """The same of a query whose first column is all of a row that is wanted: a record, before the
    keys that its pages are found by."""
    return (row[0] for row in streamed(query))


def keyset(
    query: sa.Select[*tuple[Any, ...]],
    *,
    keys: Sequence[Key],
    cursor: str | None,
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of `query` ordered by `keys` (the last of them unique, none of them null).

    The keys must be among the query's columns under their own names. A cursor that is not ours
    opens the first page.
    """
    position = _decode(cursor, keys)
    backwards = position is not None and position[0] == "before"
    if position is not None:
        here, there = sa.tuple_(*keys), sa.tuple_(*map(sa.literal, position[1]))
        query = query.where(here > there if backwards == descending else here < there)
    reverse = backwards != descending
    query = query.order_by(*(key.desc() if reverse else key.asc() for key in keys))
    rows = list(db.session.execute(query.limit(size + 1)).all())
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page(rows)
    first, last = ([row._mapping[key] for key in keys] for row in (rows[0], rows[-1]))
    return Page(
        rows,
        next_cursor=_encode("after", last) if has_more or backwards else None,
        previous_cursor=_encode("before", first)
        if (position is not None and not backwards) or (backwards and has_more)
        else None,
    )
