"""One step of a request's life: by the table, with a row of history, and the status follows."""

from collections.abc import Sequence

import sqlalchemy as sa

from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.meetings.models import Meeting, MeetingRequest, RequestStatus, RequestStep
from tracker.meetings.rules import OPEN, STEPS, may_step


def requests_of_meeting(meeting_id: int) -> Sequence[MeetingRequest]:
    """The requests that a meeting answers, their rows locked, in order of id."""
    query = sa.select(MeetingRequest).where(MeetingRequest.meeting_id == meeting_id)
    query = query.order_by(MeetingRequest.id).with_for_update(of=MeetingRequest, key_share=True)
    return db.session.scalars(query).unique().all()


def advance(
    *,
    actor: Actor,
    request: MeetingRequest,
    name: str,
    reason: str | None = None,
    meeting: Meeting | None = None,
) -> None:
    """Take the step of this name; `meeting` is the one that it is about."""
    step = STEPS[name]
    actor.require(step.capability)
    if not may_step(request.status, name):
        raise Refused(N_("This request is settled otherwise by now. Open it again."))
    text = (reason or "").strip() or None
    if step.needs_reason and text is None:
        raise Refused(N_("Give the reason."), field="reason")
    keep_step(actor, request, request.status, step.target, reason=text, meeting=meeting)
    request.status = step.target
    is_answered = step.target not in OPEN or step.target is RequestStatus.PROPOSED
    is_dropped = step.target in {RequestStatus.DECLINED, RequestStatus.CANCELLED}
    request.meeting = meeting if is_answered and not is_dropped else None


def keep_step(
    actor: Actor,
    request: MeetingRequest,
    source: RequestStatus | None,
    target: RequestStatus,
    *,
    reason: str | None = None,
    meeting: Meeting | None = None,
) -> None:
    """Write a row of the request's history."""
    db.session.add(
        RequestStep(
            request_id=request.id,
            from_status=source,
            to_status=target,
            meeting_id=meeting.id if meeting else None,
            starts_at=meeting.starts_at if meeting else None,
            actor_name=actor.name,
            reason=reason,
        )
    )
