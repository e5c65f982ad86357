"""Everything that is held about one observer, found by walking the schema.

From the person downwards along foreign keys: a table that comes to refer to people, or to anything
of theirs, is in the report without being named here. Beside that, what no key leads to: messages,
contacts and accounts by their address, heads of delegations by their name. Free texts about others,
too, are not copied; the report says where a name like this one stands, to be looked at by hand. Of
what people share (a flight, a team, a meeting) the row is told without what it says of others.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tracker.audit.models import AuditEntry
from tracker.kernel.database import db, in_chunks
from tracker.kernel.encryption import Encrypted
from tracker.kernel.words import words_of
from tracker.observers.models import Observer
from tracker.retention.holdings import HOLDINGS, is_file
from tracker.retention.scopes import table

START = "observers"
Row = dict[str, Any]

# References that lead to other people: who was replaced, whose request was the same.
NOT_OWN = frozenset(
    {
        ("accreditations", "replaces_id"),
        ("assistance_requests", "duplicate_of_id"),
        ("transitions", "replaced_by_id"),
    }
)
# Tables in which an address says whose row it is, and the column of the address.
BY_ADDRESS: Mapping[str, str] = {
    "delegation_contacts": "email",
    "digest_recipients": "email",
    "outbox_messages": "recipient",
    "users": "email",
}
BY_NAME: Mapping[str, str] = {"delegation_heads": "name"}
# Texts in which anybody may be named.
TEXTS: tuple[tuple[str, str], ...] = (
    ("assistance_comments", "text"),
    ("assistance_requests", "text"),
    ("assistance_requests", "title"),
    ("delegation_contacts", "name"),
    ("delegation_messages", "text"),
    ("delegations", "remarks"),
    ("deployment_teams", "driver"),
    ("deployment_teams", "interpreter"),
    ("deployment_teams", "note"),
    ("duty_note_steps", "word"),
    ("duty_notes", "text"),
    ("meeting_documents", "name"),
    ("meetings", "note"),
    ("meetings", "others_present"),
    ("meetings", "outcome"),
    ("movements", "driver"),
    ("movements", "note"),
    ("observer_lists", "return_reason"),
)
_STAFF = "About the host's own staff."
# Personal columns that say nothing of an observer, and why.
ABOUT_OTHERS: Mapping[tuple[str, str], str] = {
    ("access_tokens", "secret_digest"): _STAFF,
    ("account_links", "secret_digest"): _STAFF,
    ("blocked_times", "label"): _STAFF,
    ("calendar_addresses", "digest"): "A secret of a calendar.",
    ("certificate_batches", "file"): "Prints of many people; each certificate is in the report.",
    ("certificate_designs", "emblem"): "An emblem shows no person.",
    ("data_keys", "wrapped"): "A secret of the installation.",
    ("delegations", "liaison_phone"): _STAFF,
    ("delegations", "note_verbale_scan"): "A letter of a State or an organization.",
    ("deployment_teams", "liaison_phone"): _STAFF,
    ("digests", "paper_en"): "A summary of numbers and of meetings.",
    ("digests", "paper_kk"): "A summary of numbers and of meetings.",
    ("digests", "paper_ru"): "A summary of numbers and of meetings.",
    ("duty_contacts", "email"): _STAFF,
    ("duty_contacts", "note"): _STAFF,
    ("duty_contacts", "phone"): _STAFF,
    ("duty_shifts", "phone"): _STAFF,
    ("form_answers", "answer"): "What a page said to somebody of the staff; gone after a day.",
    ("interpreters", "email"): _STAFF,
    ("interpreters", "phone"): _STAFF,
    ("meeting_documents", "content"): "Papers of a meeting; their names are looked through.",
    ("movements", "met_by_phone"): _STAFF,
    ("observer_lists", "columns"): "Samples of the cells of many people.",
    ("observer_lists", "content"): "A list of many people; the person's row is in the report.",
    ("observer_lists", "failure"): "Why a file could not be read; of nobody in it.",
    ("observer_lists", "mended"): "A list of many people; the person's row is in the report.",
    ("observer_lists", "portraits"): "A list of many people; the portrait is in the report.",
    ("official_days", "label"): _STAFF,
    ("official_days", "reason"): _STAFF,
    ("officials", "assistant_contact"): _STAFF,
    ("officials", "assistant_email"): _STAFF,
    ("passkeys", "credential_id"): _STAFF,
    ("passkeys", "public_key"): _STAFF,
    ("press_notes", "photo"): "Published.",
    ("provider_identities", "subject"): _STAFF,
    ("provider_identities", "subject_digest"): _STAFF,
    ("provider_sessions", "id_token"): _STAFF,
    ("provider_sessions", "sid_digest"): _STAFF,
    ("waiting_notices", "text"): "What a letter of the next morning says to somebody of the staff.",
    ("retention_files", "key"): "Gone when the purge is done.",
    ("sign_in_sessions", "address"): _STAFF,
    ("sign_in_sessions", "key_digest"): _STAFF,
    ("signing_keys", "private_key"): "A secret of the installation.",
    ("webhook_deliveries", "answer"): "What a machine of another office said.",
    ("webhooks", "address"): "A machine of another office.",
    ("webhooks", "previous_secret"): "A secret of the installation.",
    ("webhooks", "secret"): "A secret of the installation.",
}


@dataclass
class Held:
    """The report: rows by table, what they share with others, and who read or changed them."""

    observer_id: int
    own: dict[str, list[Row]] = field(default_factory=dict)
    shared: dict[str, list[Row]] = field(default_factory=dict)
    mentions: list[tuple[str, str, str]] = field(default_factory=list)  # table, id, column
    record: list[Row] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # names in the archive to storage keys


def held_about(observer: Observer) -> Held:
    """Everything about a person; changes nothing."""
    held = Held(observer.id)
    _walk(held, START, {observer.id})
    _by_address(held, observer)
    _by_name(held, observer)
    held.shared = _shared(held)
    held.mentions = list(_mentions(held, observer))
    held.record = list(_record(held))
    held.files = dict(_files(held))
    return held


def references(name: str) -> Iterator[sa.Column[Any]]:
    """The columns by which rows belong to a row of this table."""
    for rows in db.metadata.sorted_tables:
        for column in rows.columns:
            leads_here = any(key.column is table(name).c.get("id") for key in column.foreign_keys)
            if leads_here and (rows.name, column.name) not in NOT_OWN:
                yield column


def _rows(rows: sa.Table, condition: sa.ColumnElement[bool]) -> list[Row]:
    query = sa.select(rows).where(condition).order_by(*rows.primary_key.columns)
    return [dict(row._mapping) for row in db.session.execute(query)]


def _walk(held: Held, name: str, ids: set[int]) -> None:
    rows = table(name)
    found = [row for chunk in in_chunks(ids) for row in _rows(rows, rows.c.id.in_(chunk))]
    _add(held.own, name, found)
    for column in references(name):
        _follow(held, column, ids)


def _follow(held: Held, column: sa.Column[Any], ids: set[int]) -> None:
    below = column.table
    assert isinstance(below, sa.Table)  # noqa: S101 - of the metadata
    found = [row for chunk in in_chunks(ids) for row in _rows(below, column.in_(chunk))]
    if not found:
        return
    if "id" not in below.c:
        _add(held.own, below.name, found)
        return
    known = {row["id"] for row in held.own.get(below.name, ())}
    if new := {row["id"] for row in found} - known:
        _walk(held, below.name, new)


def _add(into: dict[str, list[Row]], name: str, rows: Iterable[Row]) -> None:
    known = into.setdefault(name, [])
    known.extend(row for row in rows if row not in known)


def _by_address(held: Held, observer: Observer) -> None:
    """Rows with the person's address; it is encrypted in most, so each has to be looked at."""
    if not observer.email:
        return
    address = observer.email.strip().casefold()
    for name, column in BY_ADDRESS.items():
        rows = table(name)
        secret = _hidden(name) if name == "users" else ()
        found = [
            {key: value for key, value in row.items() if key not in secret}
            for row in _rows(rows, rows.c[column].is_not(None))
            if row[column].strip().casefold() == address
        ]
        if found:
            _add(held.own, name, found)


def _by_name(held: Held, observer: Observer) -> None:
    wanted = set(words_of(f"{observer.surname} {observer.given_names}"))
    for name, column in BY_NAME.items():
        found = [
            row
            for row in _rows(table(name), sa.true())
            if wanted and wanted == set(words_of(row[column]))
        ]
        if found:
            _add(held.own, name, found)


def _hidden(name: str) -> set[str]:
    """The columns of a shared row that may say something of others."""
    blanked = {column for each in HOLDINGS if each.name == name for column in each.blanks or ()}
    marked = {
        column.name
        for column in table(name).columns
        if is_file(column)
        or isinstance(column.type, Encrypted | sa.JSON)
        or column.info.get("audit") == "redact"
    }
    return blanked | marked


def _shared(held: Held) -> dict[str, list[Row]]:
    """The rows that the person's own refer to: election, delegation, flight, team, meeting."""
    wanted: dict[str, set[int]] = {}
    for name, rows in held.own.items():
        for column in table(name).columns:
            for key in column.foreign_keys:
                above = key.column.table.name
                if above not in {START, "accreditations", "users"} and above not in held.own:
                    ids = {row[column.name] for row in rows if row.get(column.name) is not None}
                    wanted.setdefault(above, set()).update(ids)
    found: dict[str, list[Row]] = {}
    for name, ids in sorted(wanted.items()):
        above_rows, hidden = table(name), _hidden(name)
        for chunk in in_chunks(ids):
            for row in _rows(above_rows, above_rows.c.id.in_(chunk)):
                shown = {key: value for key, value in row.items() if key not in hidden}
                found.setdefault(name, []).append(shown)
    return found


def _mentions(held: Held, observer: Observer) -> Iterator[tuple[str, str, str]]:
    """Where a text names somebody of this surname; whether it is this person a human decides."""
    wanted = set(words_of(observer.surname))
    for name, column in TEXTS:
        rows = table(name)
        own = {row["id"] for row in held.own.get(name, ())}
        query = sa.select(rows.c.id, rows.c[column]).where(rows.c[column].is_not(None))
        for key, text in db.session.execute(query.order_by(rows.c.id)):
            if wanted and key not in own and wanted <= set(words_of(text)):
                yield name, str(key), column


def _record(held: Held) -> Iterator[Row]:
    """Who read or changed the person's rows, and which columns; the values are in the rows."""
    names = ("position", "recorded_at", "actor_name", "action", "record_table", "record_id")
    columns = [getattr(AuditEntry, name) for name in names]
    found: dict[int, Row] = {}
    for name, rows in held.own.items():
        for chunk in in_chunks(str(row["id"]) for row in rows if "id" in row):
            query = sa.select(*columns, AuditEntry.after).where(
                AuditEntry.record_table == name, AuditEntry.record_id.in_(chunk)
            )
            for row in db.session.execute(query):
                entry = {key: getattr(row, key) for key in names}
                entry["columns"] = sorted(row.after or ())
                found[row.position] = entry
    return (found[position] for position in sorted(found))


def _files(held: Held) -> Iterator[tuple[str, str]]:
    """Portraits and papers of the person, by a name in the archive."""
    for name, rows in held.own.items():
        for column in filter(is_file, table(name).columns):
            for row in rows:
                if row.get(column.name):
                    called = row.get("name") or row.get("attachment_name") or "picture.jpg"
                    yield f"{name}-{row.get('id')}-{column.name}-{called}", row[column.name]
