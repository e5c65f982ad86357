"""Lists as received, their rows as checked, and what each organization's columns meant."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.encryption import EncryptedJson, EncryptedString
from tracker.kernel.storage import StorageKey
from tracker.kernel.words import Searched


class ListStatus(StrEnum):
    """The life of a list."""

    CHECKING = "checking"  # a job reads it
    CHECKED = "checked"
    ACCEPTING = "accepting"  # a job stores it, in one transaction
    ACCEPTED = "accepted"
    UNDONE = "undone"
    DISCARDED = "discarded"


class RowStatus(StrEnum):
    """What a row would do if the list were accepted now."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PROBLEM = "problem"


class ObserverList(Searched, Versioned, Model):
    """One file from one delegation, with what a person chose and answered about it."""

    __tablename__ = "observer_lists"
    SEARCHED = ("filename",)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["delegation_id", "election_id"], ["delegations.id", "delegations.election_id"]
        ),
        sa.Index("ix_observer_lists_by_delegation", "delegation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    delegation_id: Mapped[int]
    filename: Mapped[str] = mapped_column(sa.String(200))  # what the file was called
    content: Mapped[str] = mapped_column(StorageKey)  # the file as it was received
    portraits: Mapped[str | None] = mapped_column(StorageKey)  # a zip that came with it
    status: Mapped[ListStatus] = mapped_column(enum_type(ListStatus))
    # In the hands of the delegation's focal point, who sends it to headquarters; it may come back.
    is_with_delegation: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Entered row by row on a page, without a file.
    is_typed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    sent_at: Mapped[datetime | None]  # when the delegation sent it to headquarters
    # Who sent it, as they were called then.
    sent_by: Mapped[str | None] = mapped_column(sa.String(200))
    # Why headquarters gave it back.
    return_reason: Mapped[str | None] = mapped_column(EncryptedString, info={"audit": "redact"})
    # How it is read: sheet, header, order of day and month, meanings of columns.
    choices: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    # Each column: header, meaning, samples of cells.
    columns: Mapped[list[dict[str, Any]]] = mapped_column(
        EncryptedJson, default=list, info={"audit": "skip"}
    )
    facts: Mapped[dict[str, Any]] = mapped_column(  # sheets, encoding, rows by status …
        sa.JSON, default=dict, info={"audit": "skip"}
    )
    # JSON by row number: cells typed anew.
    mended: Mapped[str] = mapped_column(EncryptedString, default="{}", info={"audit": "redact"})
    # By row number: whether it is left out, whether it is somebody known.
    answers: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    # By accreditation: what becomes of whom a corrected list has no more.
    dropped: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    # The function of rows that state none.
    function: Mapped[str | None] = mapped_column(sa.String(40))
    pledge_signed_on: Mapped[date | None]  # the day on which everyone on the list signed
    # Why it was last not accepted, in JSON; it may name a person.
    failure: Mapped[str | None] = mapped_column(EncryptedString, info={"audit": "redact"})
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by: Mapped[str] = mapped_column(sa.String(200))
    accepted_at: Mapped[datetime | None]  # when it was stored
    # Who accepted it, as they were called then.
    accepted_by: Mapped[str | None] = mapped_column(sa.String(200))
    accepted_by_id: Mapped[int | None]  # the account that accepted it
    undone_at: Mapped[datetime | None]  # when what it had stored was taken back
    # Who took it back, as they were called then.
    undone_by: Mapped[str | None] = mapped_column(sa.String(200))


class ListRow(Model):
    """One row of a list as checked; after acceptance, what it did and what stood there before."""

    __tablename__ = "observer_list_rows"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "number"),
        sa.Index("ix_observer_list_rows_by_status", "list_id", "status", "number"),
        # Working data of a check, made anew at each; what acceptance stores is recorded itself.
        {"info": {"audit": "skip"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The list that it is on.
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("observer_lists.id"))
    number: Mapped[int]  # the number of the row, as the spreadsheet shows it
    status: Mapped[RowStatus] = mapped_column(enum_type(RowStatus))
    # Whether somebody chose not to take it.
    is_left_out: Mapped[bool] = mapped_column(default=False)
    said: Mapped[str] = mapped_column(EncryptedString)  # JSON: values, raw, problems, differences
    # The person whom it was found to be, or made.
    observer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("observers.id"))
    # The accreditation that it was found to be, or made.
    accreditation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accreditations.id"))


class ListEffectKind(StrEnum):
    """What accepting a list did to one accreditation."""

    CREATED = "created"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


class ListEffect(Model):
    """One accreditation that an accepted list touched, with what an undo puts back."""

    __tablename__ = "observer_list_effects"
    __table_args__ = (
        sa.UniqueConstraint("list_id", "accreditation_id"),
        # What the list did is recorded with each accreditation itself.
        {"info": {"audit": "skip"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("observer_lists.id"))  # the list that did it
    accreditation_id: Mapped[int] = mapped_column(sa.ForeignKey("accreditations.id"), index=True)
    kind: Mapped[ListEffectKind] = mapped_column(enum_type(ListEffectKind, "effect"))
    row_number: Mapped[int | None]  # of the list; none where it was not on it
    # What an undo puts back, in JSON.
    before: Mapped[str | None] = mapped_column(EncryptedString, info={"audit": "redact"})


class ColumnMemory(Versioned, Model):
    """What a header means in the lists of one organization."""

    __tablename__ = "column_memories"
    __table_args__ = (sa.UniqueConstraint("organization_id", "header_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The sender whose lists have the header.
    organization_id: Mapped[int] = mapped_column(sa.ForeignKey("organizations.id"))
    header_key: Mapped[str] = mapped_column(sa.String(200))  # the header in plain Latin letters
    # What the column held when somebody last said so.
    field: Mapped[str] = mapped_column(sa.String(40))
