"""What an entry says became different, in the reader's words."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from tracker.audit.capture import REDACTED
from tracker.audit.columns import column_label
from tracker.audit.models import AuditEntry
from tracker.kernel.database import UtcDateTime, db
from tracker.kernel.days import dated

Words = Mapping[Any, Mapping[Any, str]]  # by enumeration, what its values are called


@dataclass(frozen=True)
class Change:
    """One column of a record: what it is called, its values; None where there is no such side."""

    label: str
    before: str | None
    after: str | None


def changes(entry: AuditEntry, words: Words) -> list[Change]:
    """The columns that an entry names, in its order."""
    rows = db.metadata.tables.get(entry.record_table)

    def written(name: str, side: dict[str, Any] | None) -> str | None:
        if side is None:
            return None
        if name == "shown":
            return _columns(side[name], entry.record_table)
        return _written(side.get(name), rows.c.get(name) if rows is not None else None, words)

    return [
        Change(
            _(column_label(entry.record_table, name)),
            written(name, entry.before),
            written(name, entry.after),
        )
        for name in entry.after or entry.before or {}
    ]


def _columns(names: str, table: str) -> str:
    return ", ".join(_(column_label(table, name)) for name in names.split(", "))


def _written(value: Any, column: sa.Column[Any] | None, words: Words) -> str:
    """A value as it is kept in JSON; as it is where it cannot be read as its column's today."""
    match value:
        case None | "":
            return "—"
        case bool():
            return str(_("yes") if value else _("no"))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case str() if value == REDACTED:
            return str(_("not shown"))
        case str() if column is not None:
            with suppress(ValueError):
                return _read(value, column.type, words)
    return str(value)


def _read(text: str, kind: sa.types.TypeEngine[Any], words: Words) -> str:
    match kind:
        case UtcDateTime():
            return dated(datetime.fromisoformat(text).astimezone(UTC), "d MMM y, HH:mm")
        case sa.Date():
            return dated(date.fromisoformat(text), "d MMM y")
        case sa.Enum():
            return str(_(words.get(kind.enum_class, {}).get(text, text)))
    return text
