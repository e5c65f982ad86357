"""Bulletins and press notes as stored; what was published is never written again."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type
from tracker.kernel.storage import StorageKey


class PublicationStatus(StrEnum):
    """Where a bulletin or the next version of a press note stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Drafted:
    """Who wrote last, who approved, who published: two people, and both are named."""

    status: Mapped[PublicationStatus] = mapped_column(
        enum_type(PublicationStatus), default=PublicationStatus.DRAFT
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime]  # when it was last written on
    edited_by_id: Mapped[int | None]  # the account that last wrote
    # Who last wrote, as they were called then.
    edited_by: Mapped[str] = mapped_column(sa.String(200))
    approved_at: Mapped[datetime | None]  # since when nobody has written on it
    approved_by_id: Mapped[int | None]  # the account that approved: never the one that wrote
    # Who approved, as they were called then.
    approved_by: Mapped[str | None] = mapped_column(sa.String(200))
    published_at: Mapped[datetime | None]  # since when the public reads it
    # Who published, as they were called then.
    published_by: Mapped[str | None] = mapped_column(sa.String(200))


class Bulletin(Drafted, Versioned, Model):
    """The totals of an election as of a moment, as known at another, frozen with their list's hash.

    A published one is never changed: another bulletin corrects it and says what it corrects.
    """

    __tablename__ = "bulletins"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "number"),
        sa.CheckConstraint(
            "(status = 'published') = (number IS NOT NULL)", name="published_has_number"
        ),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)", name="published_at_a_moment"
        ),
        sa.CheckConstraint("corrects_id != id", name="corrects_another"),
        sa.Index("ix_bulletins_newest", "election_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    number: Mapped[int | None]  # 1, 2, 3 … within the election, in the order of publication
    as_of: Mapped[datetime]  # the moment that the figures hold for
    known_at: Mapped[datetime]  # what was recorded by then is counted
    figures: Mapped[str] = mapped_column(sa.Text)  # what it says, in JSON of `Figures.as_dict`
    list_hash: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the list that is counted
    text_en: Mapped[str] = mapped_column(sa.Text)  # the words of the bulletin
    text_ru: Mapped[str] = mapped_column(sa.Text)
    text_kk: Mapped[str] = mapped_column(sa.Text)
    # The bulletin that this one corrects.
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bulletins.id"), index=True)
    # What was wrong in the other one.
    correction_en: Mapped[str | None] = mapped_column(sa.String(1000))
    correction_ru: Mapped[str | None] = mapped_column(sa.String(1000))
    correction_kk: Mapped[str | None] = mapped_column(sa.String(1000))


class PressNote(Drafted, Versioned, Model):
    """The public record of one meeting as it is being written; what the public reads are its
    versions."""

    __tablename__ = "press_notes"
    __table_args__ = (
        sa.UniqueConstraint("election_id", "number"),
        sa.Index("ix_press_notes_newest", "election_id", "happened_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    # The meeting of which it tells.
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meetings.id"), unique=True)
    number: Mapped[int | None]  # 1, 2, 3 … within the election, given when it is first published
    happened_on: Mapped[date]  # the local day of the meeting
    totals_as_of: Mapped[datetime]  # the moment of the closing paragraph
    title_en: Mapped[str] = mapped_column(sa.String(300))
    title_ru: Mapped[str] = mapped_column(sa.String(300))
    title_kk: Mapped[str] = mapped_column(sa.String(300))
    text_en: Mapped[str] = mapped_column(sa.Text)  # the text, without the closing paragraph
    text_ru: Mapped[str] = mapped_column(sa.Text)
    text_kk: Mapped[str] = mapped_column(sa.Text)
    photo: Mapped[str | None] = mapped_column(StorageKey)  # the photograph, a JPEG
    photo_credit: Mapped[str | None] = mapped_column(sa.String(200))  # whose photograph it is
    # What it shows, for who cannot see it.
    photo_alt_en: Mapped[str | None] = mapped_column(sa.String(300))
    photo_alt_ru: Mapped[str | None] = mapped_column(sa.String(300))
    photo_alt_kk: Mapped[str | None] = mapped_column(sa.String(300))
    press_contact: Mapped[str | None] = mapped_column(sa.String(300))  # whom journalists ask
    # What the next version corrects; asked for once there is a version.
    correction_en: Mapped[str | None] = mapped_column(sa.String(1000))
    correction_ru: Mapped[str | None] = mapped_column(sa.String(1000))
    correction_kk: Mapped[str | None] = mapped_column(sa.String(1000))


class PressNoteVersion(Model):
    """A press note as it was published at a moment; append-only."""

    __tablename__ = "press_note_versions"
    __table_args__ = (sa.UniqueConstraint("press_note_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The note that it is a version of.
    press_note_id: Mapped[int] = mapped_column(sa.ForeignKey("press_notes.id"))
    number: Mapped[int]  # 1, 2, 3 … of this note
    content: Mapped[str] = mapped_column(sa.Text)  # what was published, in JSON of `NoteContent`
    published_at: Mapped[datetime]  # since when the public reads it
    # Who published, as they were called then.
    published_by: Mapped[str] = mapped_column(sa.String(200))
