"""What is kept of a meeting afterwards: who was there, what was said, what is to follow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.uploads import received
from tracker.meetings.models import FollowUp, Meeting, MeetingDocument, MeetingStatus
from tracker.meetings.operations.meetings import mark_held
from tracker.meetings.queries import documents_of

LARGEST_DOCUMENT = 10 * 1024 * 1024
MOST_DOCUMENTS = 20


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is typed after a meeting; `present` are accreditations of its participants."""

    outcome: str
    others_present: str | None = None
    present: Collection[int] = ()


def keep_record(*, actor: Actor, meeting: Meeting, record: Record) -> Meeting:
    """Keep what came of a meeting, which has then taken place."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.status is not MeetingStatus.HELD:
        mark_held(actor=actor, meeting=meeting)
    meeting.outcome, meeting.others_present = record.outcome, record.others_present
    for row in meeting.participants:
        row.was_present = row.accreditation_id in record.present
    db.session.flush()
    return meeting


def add_follow_up(
    *,
    actor: Actor,
    meeting: Meeting,
    task: str,
    responsible: str | None = None,
    due_on: date | None = None,
) -> FollowUp:
    """Note what somebody is to do after the meeting."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if meeting.status is MeetingStatus.CANCELLED:
        raise Refused(N_("This meeting was cancelled."))
    found = FollowUp(
        meeting_id=meeting.id,
        task=task,
        responsible=responsible,
        due_on=due_on,
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found


def finish_follow_up(*, actor: Actor, meeting: Meeting, follow_up_id: int, is_done: bool) -> None:
    """Say that it is done, or that it is not after all."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    found = db.session.get(FollowUp, follow_up_id)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(N_("There is no such task."))
    found.done_at = clock.now() if is_done else None
    found.done_by = actor.name if is_done else None
    db.session.flush()


def attach_document(
    *, actor: Actor, meeting: Meeting, filename: str, content: bytes
) -> MeetingDocument:
    """Keep a paper of the meeting, encrypted."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    if len(documents_of(meeting)) >= MOST_DOCUMENTS:
        raise Refused(
            N_("A meeting holds at most %(most)s documents."), field="document", most=MOST_DOCUMENTS
        )
    upload = received(content, filename, largest=LARGEST_DOCUMENT, field="document")
    found = MeetingDocument(
        meeting_id=meeting.id,
        name=upload.name,
        content=storage.put(upload.content),
        size=len(upload.content),
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found
