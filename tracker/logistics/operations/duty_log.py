"""What happens to the log of headquarters: written, followed up, struck out, never erased."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.logistics.models.duty import DutyNote, DutyNoteStep, NoteKind, NoteStepKind
from tracker.logistics.rules.movements import is_near

STANDS_OTHERWISE = N_("This note stands otherwise by now. Look at it again.")


@dataclass(frozen=True, kw_only=True)
class NoteDetails:
    """What happened; without a moment, now."""

    kind: NoteKind
    text: str
    happened_at: datetime | None = None
    delegation_id: int | None = None
    reference: str | None = None
    needs_follow_up: bool = False


def write_note(
    *, actor: Actor, election: Election, details: NoteDetails, corrects: DutyNote | None = None
) -> DutyNote:
    """Enter a note under the next number, also one in place of another, which stays readable."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if details.delegation_id is not None:
        delegation_for(actor, election.id, details.delegation_id)
    number = _next_number(election)
    now = clock.now()
    happened_at = details.happened_at or now
    if happened_at > now:
        raise Refused(
            N_("This moment has not come yet. Give the day, if it was earlier."), field="at"
        )
    if not is_near(clock.local(happened_at, election.time_zone).date(), election.election_on):
        raise Refused(N_("This day is far from election day. Check the year."), field="day")
    if corrects is not None:
        _check_stands(corrects)
        corrects.is_open = False
    note = DutyNote(
        election_id=election.id,
        number=number,
        kind=details.kind,
        happened_at=happened_at,
        recorded_at=now,
        author_id=actor.user_id,
        author_name=actor.name,
        text=details.text,
        delegation_id=details.delegation_id,
        reference=details.reference,
        corrects_id=corrects.id if corrects else None,
        needs_follow_up=details.needs_follow_up,
        is_open=details.needs_follow_up,
    )
    db.session.add(note)
    db.session.flush()
    return note


def close_note(*, actor: Actor, note: DutyNote, word: str | None) -> DutyNoteStep:
    """Say how a note was followed up; it is carried over no more."""
    actor.require(Capability.MANAGE_LOGISTICS)
    if not note.is_open:
        raise Refused(STANDS_OTHERWISE)
    return _step(actor, note, NoteStepKind.CLOSED, word)


def strike_note(*, actor: Actor, note: DutyNote, word: str | None) -> DutyNoteStep:
    """Strike a note out and say why; its text stays readable."""
    actor.require(Capability.MANAGE_LOGISTICS)
    _check_stands(note)
    return _step(actor, note, NoteStepKind.STRUCK, word)


def _step(actor: Actor, note: DutyNote, kind: NoteStepKind, word: str | None) -> DutyNoteStep:
    said = (word or "").strip()
    if not said:
        raise Refused(N_("Say it in a word."), field="word")
    step = DutyNoteStep(note_id=note.id, kind=kind, actor_name=actor.name, word=said)
    note.is_open = False
    db.session.add(step)
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody else, at the same moment
        raise Refused(STANDS_OTHERWISE) from error
    return step


def _check_stands(note: DutyNote) -> None:
    if note.kind is NoteKind.HAND_OVER:
        raise Refused(N_("A hand-over stays as it was signed. Write another note."))
    # The row lock keeps one from striking out what another corrects at the same moment.
    db.session.execute(
        sa.select(DutyNote.id).where(DutyNote.id == note.id).with_for_update(key_share=True)
    )
    struck = sa.select(DutyNoteStep.id).where(
        DutyNoteStep.note_id == note.id, DutyNoteStep.kind == NoteStepKind.STRUCK
    )
    corrected = sa.select(DutyNote.id).where(DutyNote.corrects_id == note.id)
    if db.session.scalar(sa.union_all(struck, corrected).limit(1)) is not None:
        raise Refused(STANDS_OTHERWISE)


def _next_number(election: Election) -> int:
    # The row lock of the election makes numbers follow one another also under concurrency.
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    highest = sa.select(sa.func.max(DutyNote.number)).where(DutyNote.election_id == election.id)
    return (db.session.scalar(highest) or 0) + 1
