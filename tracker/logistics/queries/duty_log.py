"""The log of headquarters as pages read it: newest first, narrowed, and what is still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.logistics.models.duty import DutyNote, DutyNoteStep, NoteKind, NoteStepKind

Notes = sa.Select[DutyNote, datetime, int]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What narrows the log; None and False for everything."""

    day: date | None = None
    kind: NoteKind | None = None
    author: str | None = None
    delegation_id: int | None = None
    is_open: bool = False


@dataclass(frozen=True)
class Entry:
    """A note with what became of it."""

    note: DutyNote
    steps: dict[NoteStepKind, DutyNoteStep]
    corrects: int | None  # numbers of the log
    corrected_by: int | None
    corrected_by_id: int | None

    @property
    def stands(self) -> bool:
        """Whether it counts: neither struck out nor corrected."""
        return NoteStepKind.STRUCK not in self.steps and self.corrected_by is None


def filtered(election: Election, wanted: Filter) -> Notes:
    """The notes that match, in no order yet."""
    row = DutyNote
    query = sa.select(row, row.happened_at, row.id).where(row.election_id == election.id)
    if wanted.day:
        start, end = (
            local_moment(wanted.day + timedelta(days=days), time(0), election.time_zone)
            for days in (0, 1)
        )
        query = query.where(row.happened_at >= start, row.happened_at < end)
    for column, value in (
        (row.kind, wanted.kind),
        (row.author_name, wanted.author),
        (row.delegation_id, wanted.delegation_id),
    ):
        if value:
            query = query.where(column == value)
    return query.where(row.is_open) if wanted.is_open else query


def notes_page(query: Notes, cursor: str | None) -> Page:
    """One page of notes, the newest first."""
    return keyset(query, keys=(DutyNote.happened_at, DutyNote.id), cursor=cursor, descending=True)


def all_notes(query: Notes) -> Sequence[DutyNote]:
    """Every note of a list in the order of events, for a paper or a file."""
    return db.session.scalars(query.order_by(DutyNote.happened_at, DutyNote.id)).unique().all()


def open_notes(election_id: int) -> Sequence[DutyNote]:
    """What somebody still has to follow up, oldest first."""
    query = sa.select(DutyNote).where(DutyNote.election_id == election_id, DutyNote.is_open)
    return db.session.scalars(query.order_by(DutyNote.happened_at, DutyNote.id)).unique().all()


def entries(notes: Iterable[DutyNote]) -> list[Entry]:
    """The notes with what became of each, in few statements."""
    rows = list(notes)
    steps: dict[int, dict[NoteStepKind, DutyNoteStep]] = {}
    corrected: dict[int, tuple[int, int]] = {}
    for ids in in_chunks({row.id for row in rows}):
        query = sa.select(DutyNoteStep).where(DutyNoteStep.note_id.in_(ids))
        for step in db.session.scalars(query.order_by(DutyNoteStep.id)):
            steps.setdefault(step.note_id, {})[step.kind] = step
        later = sa.select(DutyNote.corrects_id, DutyNote.number, DutyNote.id)
        for line in db.session.execute(later.where(DutyNote.corrects_id.in_(ids))):
            corrected[line.corrects_id or 0] = (line.number, line.id)
    earlier: dict[int, int] = {}
    for ids in in_chunks({row.corrects_id for row in rows if row.corrects_id}):
        numbers = sa.select(DutyNote.id, DutyNote.number).where(DutyNote.id.in_(ids))
        earlier |= {line.id: line.number for line in db.session.execute(numbers)}
    return [
        Entry(
            row,
            steps.get(row.id, {}),
            earlier.get(row.corrects_id or 0),
            *corrected.get(row.id, (None, None)),
        )
        for row in rows
    ]


def note_for(election_id: int, note_id: int) -> DutyNote:
    """The note; raises `NotFound`."""
    query = sa.select(DutyNote).where(DutyNote.id == note_id, DutyNote.election_id == election_id)
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound(N_("There is no such note."))
    return found


def authors(election_id: int) -> Sequence[str]:
    """Everybody who has written in the log, by name."""
    query = sa.select(DutyNote.author_name).where(DutyNote.election_id == election_id).distinct()
    return db.session.scalars(query.order_by(DutyNote.author_name)).all()


def newest_id(election_id: int) -> int:
    """The note that was recorded last; 0 before the first."""
    query = sa.select(sa.func.max(DutyNote.id)).where(DutyNote.election_id == election_id)
    return db.session.scalar(query) or 0


def count_after(election_id: int, note_id: int) -> int:
    """How many notes were recorded after this one."""
    query = sa.select(sa.func.count()).where(
        DutyNote.election_id == election_id, DutyNote.id > note_id
    )
    return db.session.scalar(query) or 0
