"""Lists page by page: by key, not by offset, so that page 10,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from tracker.kernel.database import db

PAGE_SIZE = 50
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Page:
    """One page of rows in order; the cursors are None where there is nothing further."""

    rows: Sequence[Any]
    next_cursor: str | None = None
    previous_cursor: str | None = None


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


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is date:
        return date.fromisoformat(value)
    if not isinstance(value, kind):
        raise ValueError("not of the key's type")
    return value


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
