"""What personal data is held where, how long, and what becomes of it: the one table of it.

A row either goes, or stays because totals are counted from it or because it is the record of an
act of state; then the columns named here are blanked. Blank is NULL, an empty text, or the number
of the row in place of a name. The order within a category is the order of the work: what refers to
a row goes before the row.

A column that holds personal data and stands neither here nor in `KEPT` fails a test of the house.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.kernel.outbox import MessageStatus
from tracker.kernel.storage import StorageKey
from tracker.retention.models import Category
from tracker.retention.scopes import (
    Scope,
    not_shared,
    of_election,
    of_person,
    person,
    table,
    through,
    written,
)

C = Category


@dataclass(frozen=True)
class Numbered:
    """A blank that tells rows apart and nobody: a prefix and the number in a column."""

    prefix: str
    column: str = "id"


Blank = str | Numbered | None
NAMELESS, NAMELESS_KEY = "№ ", "no "  # the second as `search_key` makes it of the first


@dataclass(frozen=True)
class Holding:
    """Personal data in one table: the columns that are blanked, or None where the row goes."""

    category: Category
    name: str
    scope: Scope
    blanks: Mapping[str, Blank] | None = None
    is_derived: bool = False  # follows from other rows and is counted in no report

    @property
    def rows(self) -> sa.Table:
        """The table."""
        return table(self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold nothing afterwards; all of them where the row goes."""
        return tuple(self.blanks if self.blanks is not None else self.rows.c.keys())

    @property
    def files(self) -> tuple[sa.Column[Any], ...]:
        """Those of the columns that name stored files."""
        return tuple(filter(is_file, (self.rows.c[name] for name in self.columns)))

    def values(self) -> dict[str, sa.ColumnElement[Any]]:
        """The blanked columns and what stands in them then."""
        rows = self.rows
        return {name: blank_of(rows, name, blank) for name, blank in (self.blanks or {}).items()}

    def is_left(self) -> sa.ColumnElement[bool]:
        """Whether a row still holds something."""
        differing = (
            self.rows.c[name].is_not(None) if blank is None else self.rows.c[name] != value
            for (name, value), blank in zip(
                self.values().items(), (self.blanks or {}).values(), strict=True
            )
        )
        return sa.true() if self.blanks is None else sa.or_(*differing)


def is_file(column: sa.Column[Any]) -> bool:
    """Whether the column names stored files."""
    return isinstance(column.type, StorageKey)


def blank_of(rows: sa.Table, name: str, blank: Blank) -> sa.ColumnElement[Any]:
    """What stands in a column that was blanked."""
    if isinstance(blank, Numbered):
        number = sa.cast(rows.c[blank.column], sa.String)
        return sa.type_coerce(sa.literal(blank.prefix).concat(number), sa.String)
    return sa.literal(blank, rows.c[name].type) if blank is not None else sa.null()


def _none(*columns: str) -> dict[str, Blank]:
    return dict.fromkeys(columns)


_OF_LIST = through("list_id", "observer_lists")
_OF_MOVEMENT = through("movement_id", "movements")
_OF_TEAM = through("team_id", "deployment_teams")
_OF_ASSISTANCE = through("assistance_id", "assistance_requests")
_OF_MEETING = through("meeting_id", "meetings")
_OF_DELEGATION = through("delegation_id", "delegations")
_OF_NOTE = through("note_id", "duty_notes")
_OF_HAND_OVER = through("hand_over_id", "duty_hand_overs")
_VEHICLE = ("vehicle", "plate", "driver", "note")
_WAITS = sa.column("status") == MessageStatus.QUEUED.value

HOLDINGS: tuple[Holding, ...] = (
    Holding(C.DOCUMENTS, "travel_documents", of_person("observer_id")),
    Holding(
        C.DOCUMENTS,
        "observers",
        person,
        _none("birth_date", "identity_digest", "birth_digest"),
    ),
    Holding(C.DOCUMENTS, "shared_identities", not_shared, is_derived=True),
    Holding(C.PORTRAITS, "observers", person, _none("portrait")),
    Holding(
        C.PORTRAITS,
        "delegations",
        of_election,
        _none("note_verbale_scan", "note_verbale_scan_name"),
    ),
    Holding(
        C.CONTACTS,
        "observers",
        person,
        {"occupation": None, "languages": "", "email": None, "phone": None},
    ),
    Holding(C.CONTACTS, "delegation_contacts", _OF_DELEGATION),
    Holding(
        C.CONTACTS,
        "delegations",
        of_election,
        _none("invited_to", "liaison_officer", "liaison_phone"),
    ),
    Holding(C.CONTACTS, "digest_recipients", of_election),
    Holding(C.LISTS, "observer_list_effects", _OF_LIST),
    Holding(C.LISTS, "observer_list_rows", _OF_LIST),
    Holding(C.LISTS, "observer_lists", of_election),
    Holding(C.CERTIFICATES, "certificates", of_election, {"credential": "", "portrait": ""}),
    Holding(
        C.CERTIFICATES,
        "certificate_steps",
        through("certificate_id", "certificates"),
        _none("reason", "received_by"),
    ),
    Holding(C.CERTIFICATES, "certificate_batches", of_election),
    Holding(C.CHECKS, "certificate_checks", of_election),
    Holding(C.MOVEMENTS, "movement_passengers", _OF_MOVEMENT),
    Holding(C.MOVEMENTS, "movement_steps", _OF_MOVEMENT, _none("reason")),
    Holding(
        C.MOVEMENTS,
        "movements",
        of_election,
        _none("met_by", "met_by_phone", "hotel", *_VEHICLE),
    ),
    Holding(C.DEPLOYMENT, "deployment_members", _OF_TEAM),
    Holding(C.DEPLOYMENT, "deployment_steps", _OF_TEAM, _none("reason")),
    Holding(
        C.DEPLOYMENT,
        "deployment_teams",
        of_election,
        _none("liaison_officer", "liaison_phone", "interpreter", *_VEHICLE),
    ),
    Holding(C.ASSISTANCE, "assistance_attachments", _OF_ASSISTANCE),
    Holding(C.ASSISTANCE, "assistance_comments", _OF_ASSISTANCE),
    Holding(C.ASSISTANCE, "assistance_steps", _OF_ASSISTANCE, _none("reason")),
    Holding(
        C.ASSISTANCE,
        "assistance_requests",
        of_election,
        {"title": Numbered(NAMELESS, "number"), "text": None, "accreditation_id": None},
    ),
    Holding(C.MEETINGS, "meeting_participants", _OF_MEETING),
    Holding(C.MEETINGS, "meeting_documents", _OF_MEETING),
    Holding(C.MEETINGS, "meetings", of_election, _none("others_present", "note")),
    Holding(C.DUTY, "duty_take_overs", _OF_HAND_OVER),
    Holding(C.DUTY, "duty_hand_overs", of_election),
    Holding(C.DUTY, "duty_note_steps", _OF_NOTE),
    Holding(C.DUTY, "duty_notes", of_election),
    Holding(C.DUTY, "duty_shifts", of_election),
    Holding(C.DUTY, "duty_contacts", of_election),
    Holding(C.MESSAGES, "delegation_messages", _OF_DELEGATION),
    Holding(C.MESSAGES, "digests", of_election),
    Holding(C.MESSAGES, "waiting_notices", written("due_at")),
    Holding(C.MESSAGES, "outbox_messages", written("created_at", but=_WAITS)),
    Holding(C.SIGN_INS, "failed_sign_ins", written("failed_at")),
    Holding(
        C.SIGN_INS,
        "provider_sessions",
        through("session_id", "sign_in_sessions", written("seen_at")),
    ),
    Holding(C.SIGN_INS, "sign_in_sessions", written("seen_at")),
    Holding(C.REMARKS, "transitions", of_election, _none("ground_text", "override_reason")),
    Holding(
        C.REMARKS,
        "submission_items",
        through("submission_id", "submissions"),
        _none("ground_text"),
    ),
    Holding(C.REMARKS, "submissions", of_election, _none("remark", "override_reason")),
    Holding(C.REMARKS, "delegation_steps", _OF_DELEGATION, _none("remark")),
    Holding(C.REMARKS, "delegations", of_election, _none("remarks")),
    Holding(C.REMARKS, "request_steps", through("request_id", "meeting_requests"), _none("reason")),
    Holding(C.NAMES, "duplicate_decisions", of_person("one_id", "other_id")),
    Holding(
        C.NAMES,
        "accreditations",
        of_person("observer_id"),
        {"sort_name": Numbered(NAMELESS_KEY, "observer_id")},
    ),
    Holding(
        C.NAMES,
        "observers",
        person,
        {
            "surname": Numbered(NAMELESS),
            "given_names": "",
            "native_name": None,
            "search_key": Numbered(NAMELESS_KEY),
            "sort_key": Numbered(NAMELESS_KEY),
            "block_key": "",
        },
    ),
    Holding(C.NAMES, "delegation_heads", _OF_DELEGATION),
)

# What a figure, the list behind it or its proof is made of: never blanked, never gone.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "accreditation_counts": ("election_id", "status", "dimension", "key", "count"),
    "accreditation_counts_by_quarter": (
        *("election_id", "status", "dimension", "key", "quarter", "count"),
    ),
    "accreditations": (
        *("election_id", "delegation_id", "observer_id", "status", "is_live", "status_at"),
        *("function", "region", "replaces_id"),
    ),
    "assignments": ("accreditation_id", "function", "region", "effective_at", "recorded_at"),
    "bulletins": ("election_id", "number", "as_of", "known_at", "figures", "list_hash"),
    "delegations": ("election_id", "organization_id", "status"),
    "elections": ("slug", "time_zone", "election_on", "opens_at", "closes_at", "ends_at"),
    "observers": ("sex", "citizenship"),
    "organizations": ("kind", "country", "merged_into_id"),
    "press_note_versions": ("press_note_id", "number", "content", "published_at"),
    "transitions": (
        *("accreditation_id", "election_id", "from_status", "to_status"),
        *("effective_at", "recorded_at", "submission_id", "resolution_id", "ground"),
    ),
}

_OFFICE = "The host's own staff and officials, kept while in office; not of one election."
_SECRET = "A secret of the installation, no data about a person."  # noqa: S105
_PUBLIC = "Published by the Ministry; the public record stays."

# Columns that look personal and that no purge of an election takes, and why.
KEPT: Mapping[tuple[str, str], str] = {
    ("access_tokens", "secret_digest"): _SECRET,
    ("account_links", "secret_digest"): _SECRET,
    ("blocked_times", "label"): _OFFICE,
    ("calendar_addresses", "digest"): _SECRET,
    ("certificates", "code"): "Part of the number on the paper; by it the public is told: expired.",
    ("certificate_designs", "emblem"): "An emblem shows no person.",
    ("data_keys", "wrapped"): _SECRET,
    ("form_answers", "answer"): "Gone after a day.",
    ("interpreters", "email"): _OFFICE,
    ("interpreters", "phone"): _OFFICE,
    ("official_days", "label"): _OFFICE,
    ("official_days", "reason"): _OFFICE,
    ("officials", "assistant_contact"): _OFFICE,
    ("officials", "assistant_email"): _OFFICE,
    ("passkeys", "credential_id"): _SECRET,
    ("passkeys", "public_key"): _SECRET,
    ("press_notes", "photo"): _PUBLIC,
    ("provider_identities", "subject"): "Names an account at the provider; goes with the account.",
    ("provider_identities", "subject_digest"): _SECRET,
    ("retention_files", "key"): "Gone when the purge is done.",
    ("signing_keys", "private_key"): _SECRET,
    ("users", "fs_uniquifier"): _SECRET,
    ("users", "fs_webauthn_user_handle"): _SECRET,
    ("users", "mf_recovery_codes"): _SECRET,
    ("users", "password"): _SECRET,
    ("users", "tf_totp_secret"): _SECRET,
    ("webhook_deliveries", "answer"): "What a machine said; gone after thirty days.",
    ("webhooks", "address"): "A machine of another office.",
    ("webhooks", "previous_secret"): _SECRET,
    ("webhooks", "secret"): _SECRET,
}


def of_category(category: Category) -> Iterator[Holding]:
    """The holdings of a category, in the order of the work."""
    return (each for each in HOLDINGS if each.category is category)


def file_columns(tables: Iterable[sa.Table]) -> Iterator[sa.Column[Any]]:
    """Every column of the schema that names stored files, but those that wait to be deleted."""
    for rows in tables:
        if rows.name != "retention_files":
            yield from filter(is_file, rows.columns)
