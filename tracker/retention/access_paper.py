"""What is held about one observer as one archive: for machines (JSON), for the person (PDF), and
the portraits and papers themselves. Every page says who made it, when, and for what request."""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

from flask_babel import gettext as _

from tracker.audit.columns import column_label
from tracker.audit.labels import ACTIONS, TABLES
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.i18n import N_, force_locale
from tracker.kernel.printing import render_whatever
from tracker.kernel.storage import storage
from tracker.retention.access import Held, Row

_UNSAFE = re.compile(r"[^\w.-]|\.\.")  # a name leads nowhere when the archive is opened
MOST_RECORDS = 2_000  # entries of the audit record on paper; the JSON has them all
# Columns that only help to find and to keep a row: in the JSON, not on the paper.
TECHNICAL = ("digest", "search_key", "sort_key", "sort_name", "block_key", "version", "is_live")
OTHER_TABLES = {
    "observer_list_effects": N_("What a list did"),
    "observer_list_rows": N_("Row of a list"),
}


def archive(held: Held, *, actor: Actor, reference: str, language: str) -> bytes:
    """The zip with everything; `language` is that of the paper."""
    made = {
        "made_at": clock.now().isoformat(timespec="seconds"),
        "made_by": actor.name,
        "reference": reference,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        text = json.dumps(made | _plain(asdict(held)), ensure_ascii=False, indent=2)
        packed.writestr("access.json", text)
        packed.writestr("access.pdf", paper(held, made, language))
        for name, content in _contents(held.files):
            packed.writestr(name, content)
    return buffer.getvalue()


def _contents(files: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, key in files.items():
        try:
            yield f"files/{_UNSAFE.sub('_', name)}", storage.get(key)
        except FileNotFoundError:  # named and not there: the JSON says that it is named
            continue


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
    return value


def paper(held: Held, made: Mapping[str, str], language: str) -> bytes:
    """The same for the person to read, in their language; letters that no font draws are boxes."""
    with force_locale(language):
        heading = _("What is held about observer no. %(number)s", number=held.observer_id)
        values = {
            "name": made["made_by"],
            "moment": made["made_at"],
            "reference": made["reference"],
        }
        running = _("Made by %(name)s at %(moment)s for request %(reference)s", **values)
        data = {
            "heading": heading,
            "lead": [running, _("Times are UTC. The file access.json says the same in full.")],
            "running": running,
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            "parts": list(_parts(held)),
        }
    return render_whatever("access", data, language=language, title=heading)


def _parts(held: Held) -> Iterator[dict[str, Any]]:
    for name, rows in held.own.items():
        yield {"title": _table(name), "rows": [_shown(name, row) for row in rows]}
    for name, rows in held.shared.items():
        title = _("%(name)s, shared with others", name=_table(name))
        yield {"title": title, "rows": [_shown(name, row) for row in rows]}
    if held.mentions:
        found = [[[_table(name), f"{_('No.')} {key}"]] for name, key, _column in held.mentions]
        yield {"title": _("Texts with this surname, to be looked at by hand"), "rows": found}
    if held.record:
        read = [_read(row) for row in held.record[-MOST_RECORDS:]]
        yield {"title": _("Who read or changed it"), "rows": read}


def _table(name: str) -> str:
    label = TABLES.get(name) or OTHER_TABLES.get(name)
    return _(label) if label else name.replace("_", " ")


def _shown(table: str, row: Row) -> list[list[str]]:
    return [
        [_(column_label(table, name)), _written(value)]
        for name, value in row.items()
        if value not in (None, "", [], {}) and not name.endswith(TECHNICAL)
    ]


def _written(value: Any) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _read(row: Row) -> list[list[str]]:
    table: str = row["record_table"]
    columns = [_(column_label(table, name)) for name in row["columns"]]
    what = f"{_table(table)} {row['record_id']}: {_(ACTIONS[row['action']])}"
    moment = _written(row["recorded_at"])
    return [[f"{moment[:19]} {row['actor_name']}", f"{what} {', '.join(columns)}".strip()]]
