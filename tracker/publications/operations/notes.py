"""Press notes: drafted from a meeting's record, approved by a second person, published in versions
that stay."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Stale
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.kernel.permissions import Capability
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.publications import queries
from tracker.publications.models import PressNote, PressNoteVersion, PublicationStatus
from tracker.publications.notes import content_of, drafted_texts
from tracker.publications.operations import life
from tracker.publications.pictures import put_photo
from tracker.publications.rules import NOTE_WAYS, Step
from tracker.publications.texts import plain

LONGEST_TEXT = 20_000


@dataclass(frozen=True, kw_only=True)
class NoteTexts:
    """What people write of a press note; what the public reads by language (en, ru, kk)."""

    title: Mapping[str, str]
    text: Mapping[str, str]
    photo_alt: Mapping[str, str]
    correction: Mapping[str, str]
    photo_credit: str = ""
    press_contact: str = ""


def draft_note(*, actor: Actor, election: Election, meeting: Meeting) -> PressNote:
    """Draft the note of a meeting that took place; one meeting has one note."""
    actor.require(Capability.EDIT_PUBLICATIONS)
    if meeting.status is not MeetingStatus.HELD:
        raise Refused(N_("A press note is written of a meeting that took place."))
    if queries.standing_note(meeting.id):
        raise Refused(N_("There is a press note of this meeting already."))
    row = queries.note_of_meeting(meeting.id)
    if row is None:
        row = PressNote(election_id=election.id, meeting_id=meeting.id)
    row.status = PublicationStatus.DRAFT
    row.happened_on = clock.local(meeting.starts_at, election.time_zone).date()
    row.totals_as_of = min(meeting.ends_at, clock.now())
    for language, (title, text) in drafted_texts(election, meeting).items():
        setattr(row, f"title_{language}", title)
        setattr(row, f"text_{language}", text)
    life.mark_edited(actor, row)
    db.session.add(row)
    db.session.flush()
    return row


def edit_note(*, actor: Actor, note: PressNote, texts: NoteTexts, seen_version: int) -> PressNote:
    """Change what the next version will say; what was published stays as it is."""
    life.check_step(actor, NOTE_WAYS, note, Step.EDIT)
    if note.version != seen_version:
        raise Stale(N_("Somebody else changed this record at the same moment. Open it again."))
    for language in LANGUAGES:
        for name, most in (("title", 300), ("text", LONGEST_TEXT)):
            said = plain(getattr(texts, name).get(language, ""))
            if not said:
                raise Refused(
                    N_("Write the text in all three languages."), field=f"{name}_{language}"
                )
            setattr(note, f"{name}_{language}", said[:most])
        for name in ("photo_alt", "correction"):
            said = plain(getattr(texts, name).get(language, ""))
            setattr(note, f"{name}_{language}", said or None)
    note.photo_credit = plain(texts.photo_credit) or None
    note.press_contact = plain(texts.press_contact) or None
    note.status = NOTE_WAYS[Step.EDIT].target
    life.mark_edited(actor, note)
    db.session.flush()
    return note


def put_note_photo(*, actor: Actor, note: PressNote, upload: bytes | None) -> PressNote:
    """Set the photograph of the next version, or take it away."""
    life.check_step(actor, NOTE_WAYS, note, Step.EDIT)
    note.photo = put_photo(upload) if upload is not None else None
    note.status = NOTE_WAYS[Step.EDIT].target
    life.mark_edited(actor, note)
    db.session.flush()
    return note


def approve_note(*, actor: Actor, note: PressNote) -> PressNote:
    """Approve it, as another person than who wrote last; says what is still missing."""
    life.check_step(actor, NOTE_WAYS, note, Step.APPROVE)
    if note.photo and not (note.photo_credit and all(_alternatives(note))):
        raise Refused(
            N_("A photograph needs its credit and its description in all three languages."),
            field="photo_credit",
        )
    corrections = [getattr(note, f"correction_{language}") for language in LANGUAGES]
    if queries.versions_of(note.id) and not all(corrections):
        raise Refused(N_("Say in all three languages what it corrects."), field="correction_en")
    life.approve(actor, note)
    note.status = NOTE_WAYS[Step.APPROVE].target
    db.session.flush()
    return note


def _alternatives(note: PressNote) -> list[str | None]:
    return [getattr(note, f"photo_alt_{language}") for language in LANGUAGES]


def publish_note(*, actor: Actor, election: Election, note: PressNote) -> PressNoteVersion:
    """Publish the next version; it is frozen with the totals of its day."""
    life.check_step(actor, NOTE_WAYS, note, Step.PUBLISH)
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    versions = queries.versions_of(note.id)
    if note.number is None:
        note.number = queries.last_note_number(election.id) + 1
    life.publish(actor, note)
    version = PressNoteVersion(
        press_note_id=note.id,
        number=len(versions) + 1,
        content=content_of(election, note).as_json(),
        published_at=clock.now(),
        published_by=actor.name,
    )
    db.session.add(version)
    note.status = NOTE_WAYS[Step.PUBLISH].target
    for language in LANGUAGES:
        setattr(note, f"correction_{language}", None)
    db.session.flush()
    return version


def discard_note(*, actor: Actor, note: PressNote) -> PressNote:
    """Drop a note that was never published, or the correction under way of one that was."""
    life.check_step(actor, NOTE_WAYS, note, Step.DISCARD)
    was_published = note.published_at is not None
    note.status = PublicationStatus.PUBLISHED if was_published else NOTE_WAYS[Step.DISCARD].target
    db.session.flush()
    return note
