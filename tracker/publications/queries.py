"""Bulletins and press notes as read by headquarters and by the public."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.publications.content import NoteContent
from tracker.publications.models import (
    Bulletin,
    PressNote,
    PressNoteVersion,
    PublicationStatus,
)
from tracker.publications.rules import list_hash
from tracker.totals.figures import Figures
from tracker.totals.queries import counted, figures


def bulletin_for(election_id: int, bulletin_id: int) -> Bulletin:
    """The bulletin, whatever its state, for headquarters; raises `NotFound`."""
    found = db.session.get(Bulletin, bulletin_id)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such bulletin."))
    return found


def published_bulletin(election_id: int, number: int) -> Bulletin:
    """The published bulletin of this number; raises `NotFound`, for drafts as well."""
    query = sa.select(Bulletin).where(
        Bulletin.election_id == election_id, Bulletin.number == number
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(N_("There is no such bulletin."))
    return found


def published_bulletins(election_id: int) -> sa.Select[Bulletin]:
    """The published bulletins of an election, the newest first."""
    return (
        sa.select(Bulletin)
        .where(
            Bulletin.election_id == election_id,
            Bulletin.status == PublicationStatus.PUBLISHED,
        )
        .order_by(Bulletin.number.desc())
    )


def all_published(election_id: int) -> Sequence[Bulletin]:
    """Every published bulletin, the newest first, for a file."""
    return db.session.scalars(published_bulletins(election_id)).all()


def bulletins_page(election_id: int, cursor: str | None) -> Page:
    """The published bulletins page by page, the newest first."""
    query = sa.select(Bulletin.number, Bulletin).where(
        Bulletin.election_id == election_id, Bulletin.status == PublicationStatus.PUBLISHED
    )
    return keyset(query, keys=[Bulletin.number], cursor=cursor, descending=True)


def bulletins_under_way(election_id: int) -> Sequence[Bulletin]:
    """Drafts, and what waits for its publication; the newest first."""
    open_ones = (PublicationStatus.DRAFT, PublicationStatus.APPROVED)
    query = sa.select(Bulletin).where(
        Bulletin.election_id == election_id, Bulletin.status.in_(open_ones)
    )
    return db.session.scalars(query.order_by(Bulletin.id.desc())).all()


def last_bulletin(election_id: int) -> Bulletin | None:
    """The newest published bulletin."""
    return db.session.scalar(published_bulletins(election_id).limit(1))


def quotable_bulletin(election_id: int) -> Bulletin | None:
    """The published bulletin of the latest moment; of several, the newest, which corrects them."""
    query = published_bulletins(election_id).order_by(None)
    return db.session.scalar(query.order_by(Bulletin.as_of.desc(), Bulletin.number.desc()).limit(1))


def corrections_of(bulletin_id: int) -> Sequence[Bulletin]:
    """The published bulletins that correct this one."""
    query = sa.select(Bulletin).where(
        Bulletin.corrects_id == bulletin_id, Bulletin.status == PublicationStatus.PUBLISHED
    )
    return db.session.scalars(query.order_by(Bulletin.number)).all()


def last_bulletin_number(election_id: int) -> int:
    """The number of the newest published bulletin; 0 before the first."""
    query = sa.select(sa.func.max(Bulletin.number)).where(Bulletin.election_id == election_id)
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Proof:
    """What the history gives today for a bulletin's two moments, and whether it is the same."""

    figures: Figures
    is_same_list: bool


def proof_of(election: Election, bulletin: Bulletin) -> Proof:
    """Count a bulletin again from the history; the same for ever, since nothing is unwritten."""
    moments = {"as_of": bulletin.as_of, "known_at": bulletin.known_at}
    rows = counted(election, **moments)
    return Proof(figures(election, **moments), list_hash(rows) == bulletin.list_hash)


def note_for(election_id: int, note_id: int) -> PressNote:
    """The press note, whatever its state, for headquarters; raises `NotFound`."""
    found = db.session.get(PressNote, note_id)
    if found is None or found.election_id != election_id:
        raise NotFound(N_("There is no such press note."))
    return found


def note_of_meeting(meeting_id: int) -> PressNote | None:
    """The press note of a meeting, also a discarded one."""
    query = sa.select(PressNote).where(PressNote.meeting_id == meeting_id)
    return db.session.scalar(query)


def standing_note(meeting_id: int) -> PressNote | None:
    """The press note that a meeting has; None where there is none, or it was discarded."""
    found = note_of_meeting(meeting_id)
    return None if found is None or found.status is PublicationStatus.DISCARDED else found


def notes_page(election_id: int, cursor: str | None, *, only_published: bool) -> Page:
    """Press notes page by page, the latest day first."""
    query = sa.select(PressNote.happened_on, PressNote.id, PressNote).where(
        PressNote.election_id == election_id, PressNote.status != PublicationStatus.DISCARDED
    )
    if only_published:
        query = query.where(PressNote.number.is_not(None))
    keys = [PressNote.happened_on, PressNote.id]
    return keyset(query, keys=keys, cursor=cursor, descending=True)


def meetings_without_note(election_id: int, limit: int = 20) -> Sequence[Meeting]:
    """Meetings that took place and have no press note, the latest first."""
    written = sa.select(PressNote.meeting_id).where(PressNote.status != PublicationStatus.DISCARDED)
    query = (
        sa.select(Meeting)
        .where(
            Meeting.election_id == election_id,
            Meeting.status == MeetingStatus.HELD,
            Meeting.id.not_in(written),
        )
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).unique().all()


def last_note_number(election_id: int) -> int:
    """The highest number that a published press note has; 0 before the first."""
    query = sa.select(sa.func.max(PressNote.number)).where(PressNote.election_id == election_id)
    return db.session.scalar(query) or 0


def versions_of(note_id: int) -> Sequence[PressNoteVersion]:
    """What was published of a note, the newest first."""
    query = sa.select(PressNoteVersion).where(PressNoteVersion.press_note_id == note_id)
    return db.session.scalars(query.order_by(PressNoteVersion.number.desc())).all()


@dataclass(frozen=True)
class PublishedNote:
    """A press note as the public reads it."""

    number: int
    version: PressNoteVersion
    content: NoteContent
    earlier: Sequence[PressNoteVersion]


def published_note(election_id: int, number: int, version: int | None = None) -> PublishedNote:
    """A version of the note of this number (left out: the newest); raises `NotFound`."""
    query = sa.select(PressNote).where(
        PressNote.election_id == election_id, PressNote.number == number
    )
    note = db.session.scalar(query)
    versions = versions_of(note.id) if note else []
    found = [row for row in versions if version is None or row.number == version]
    if not found:
        raise NotFound(N_("There is no such press note."))
    return PublishedNote(number, found[0], NoteContent.from_json(found[0].content), [*versions[1:]])


def published_notes(election_id: int) -> sa.Select[PressNote, PressNoteVersion]:
    """Press notes that were published, each with its newest version, the latest day first."""
    newest = (
        sa.select(
            PressNoteVersion.press_note_id, sa.func.max(PressNoteVersion.number).label("number")
        )
        .group_by(PressNoteVersion.press_note_id)
        .subquery()
    )
    return (
        sa.select(PressNote, PressNoteVersion)
        .join(newest, newest.c.press_note_id == PressNote.id)
        .join(
            PressNoteVersion,
            sa.and_(
                PressNoteVersion.press_note_id == newest.c.press_note_id,
                PressNoteVersion.number == newest.c.number,
            ),
        )
        .where(PressNote.election_id == election_id)
        .order_by(PressNote.happened_on.desc(), PressNote.id.desc())
    )
