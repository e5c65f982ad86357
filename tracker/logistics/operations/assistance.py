"""What happens to assistance requests: asked, changed, moved by the table, talked about, merged."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.queries import users_who_may
from tracker.accreditation.models import Accreditation
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, NotFound, Refused, Stale
from tracker.kernel.i18n import N_, say
from tracker.kernel.permissions import Capability
from tracker.kernel.storage import storage
from tracker.kernel.uploads import received
from tracker.logistics.models.assistance import (
    AssistanceAttachment,
    AssistanceComment,
    AssistanceKind,
    AssistanceRequest,
    AssistanceStatus,
    AssistanceStep,
    Priority,
)
from tracker.logistics.operations.watchers import tell_of_comment, tell_of_step
from tracker.logistics.queries.assistance import attachments_of, request_by_number, steps_of
from tracker.logistics.rules.assistance import OPEN, SETTLED, STEPS, TARGETS, may_step
from tracker.meetings.models import Meeting

LARGEST_ATTACHMENT = 10 * 1024 * 1024
MOST_ATTACHMENTS = 20


@dataclass(frozen=True, kw_only=True)
class AssistanceDetails:
    """What a delegation asks for, and whom or which meeting it is about."""

    kind: AssistanceKind
    title: str
    text: str | None = None
    priority: Priority = Priority.NORMAL
    accreditation_id: int | None = None
    meeting_id: int | None = None


def _check(delegation: Delegation, details: AssistanceDetails) -> None:
    if details.accreditation_id is not None:
        observer = db.session.get(Accreditation, details.accreditation_id)
        if observer is None or observer.delegation_id != delegation.id:
            raise Refused(
                N_("Choose an observer of the delegation that asks."), field="accreditation_id"
            )
    if details.meeting_id is not None:
        meeting = db.session.get(Meeting, details.meeting_id)
        if meeting is None or delegation not in meeting.delegations:
            raise Refused(N_("Choose a meeting of the delegation that asks."), field="meeting_id")


def _fill(request: AssistanceRequest, details: AssistanceDetails) -> None:
    for name in ("kind", "title", "text", "priority", "accreditation_id", "meeting_id"):
        setattr(request, name, getattr(details, name))


def ask_assistance(
    *, actor: Actor, election: Election, delegation: Delegation, details: AssistanceDetails
) -> AssistanceRequest:
    """Enter what a delegation asks for, under the next number of the election."""
    actor.require(Capability.ASK_ASSISTANCE)
    if not actor.sees_delegation(delegation.id) or delegation.election_id != election.id:
        raise NotFound(N_("There is no such delegation."))
    _check(delegation, details)
    # The row lock of the election makes numbers follow one another also under concurrency.
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    highest = sa.select(sa.func.max(AssistanceRequest.number)).where(
        AssistanceRequest.election_id == election.id
    )
    now = clock.now()
    request = AssistanceRequest(
        election_id=election.id,
        delegation_id=delegation.id,
        number=(db.session.scalar(highest) or 0) + 1,
        status=AssistanceStatus.NEW,
        due_at=now + TARGETS[details.priority],
        created_at=now,
        created_by=actor.name,
    )
    _fill(request, details)
    db.session.add(request)
    db.session.flush()
    _keep_step(actor, request, None, AssistanceStatus.NEW)
    db.session.flush()
    return request


def change_assistance(
    *, actor: Actor, request: AssistanceRequest, details: AssistanceDetails, seen_version: int
) -> AssistanceRequest:
    """Change what is asked for, as long as it is open; raises `Stale`.

    Another priority moves the moment at which an answer is owed by the difference of the targets.
    """
    actor.require(Capability.ASK_ASSISTANCE)
    if request.version != seen_version:
        raise Stale(
            N_(
                "This assistance request was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(request, name), getattr(details, name))
                for name in ("title", "text")
                if getattr(request, name) != getattr(details, name)
            ],
        )
    if request.status not in OPEN:
        raise Refused(N_("Only an open assistance request can be changed."))
    _check(request.delegation, details)
    request.due_at += TARGETS[details.priority] - TARGETS[request.priority]
    _fill(request, details)
    db.session.flush()
    return request


def advance_assistance(
    *, actor: Actor, request: AssistanceRequest, name: str, reason: str | None = None
) -> AssistanceRequest:
    """Take the step of this name; `take`, `assign` and `merge` have verbs of their own."""
    _advance(actor=actor, request=request, name=name, reason=reason)
    if name == "reopen":
        request.assignee = None
        request.duplicate_of_id = None
    db.session.flush()
    return request


def take_assistance(*, actor: Actor, request: AssistanceRequest) -> AssistanceRequest:
    """See to a request oneself, while nobody does."""
    _advance(actor=actor, request=request, name="take", assignee_name=actor.name)
    db.session.expire(request, ["assignee"])
    return request


def assign_assistance(
    *, actor: Actor, request: AssistanceRequest, assignee_id: int
) -> AssistanceRequest:
    """Give a request to somebody who handles requests, also one that a colleague has."""
    actor.require(Capability.HANDLE_REQUESTS)
    name = dict(users_who_may(Capability.HANDLE_REQUESTS)).get(assignee_id)
    if name is None:
        raise Refused(N_("Choose somebody who handles requests."), field="assignee_id")
    request.assignee_id = assignee_id
    _advance(actor=actor, request=request, name="assign", assignee_name=name)
    db.session.flush()
    db.session.expire(request, ["assignee"])
    return request


def merge_assistance(*, actor: Actor, request: AssistanceRequest, number: int) -> AssistanceRequest:
    """Close a request as a duplicate of the delegation's request of this number."""
    actor.require(Capability.HANDLE_REQUESTS)
    original = request_by_number(request.election_id, number)
    if original is None or original.delegation_id != request.delegation_id:
        raise Refused(N_("The delegation has no request with this number."), field="number")
    if original.id == request.id:
        raise Refused(N_("A request is no duplicate of itself."), field="number")
    # Both rows, in order of id: two people might call each the duplicate of the other.
    rows = sa.select(AssistanceRequest).where(AssistanceRequest.id.in_((original.id, request.id)))
    rows = rows.order_by(AssistanceRequest.id).with_for_update(of=AssistanceRequest, key_share=True)
    db.session.scalars(rows.execution_options(populate_existing=True)).unique().all()
    if original.duplicate_of_id is not None:
        raise Refused(N_("That request is itself closed as a duplicate."), field="number")
    reason = say(N_("Duplicate of No. %(number)s."), {"number": str(number)})
    _advance(actor=actor, request=request, name="merge", reason=reason)
    request.duplicate_of_id = original.id
    db.session.flush()
    return request


def comment_on_assistance(
    *, actor: Actor, request: AssistanceRequest, text: str, is_internal: bool = False
) -> AssistanceComment:
    """Say something about a request; what a delegation says is what headquarters waited for."""
    actor.require(Capability.ASK_ASSISTANCE)
    handles = actor.may(Capability.HANDLE_REQUESTS)
    found = AssistanceComment(
        assistance_id=request.id,
        text=text,
        is_internal=is_internal and handles,
        created_by=actor.name,
    )
    db.session.add(found)
    if not handles and may_step(request.status, "reply"):
        _advance(actor=actor, request=request, name="reply")
    db.session.flush()
    tell_of_comment(actor, request, found)
    return found


def attach_to_assistance(
    *, actor: Actor, request: AssistanceRequest, filename: str, content: bytes
) -> AssistanceAttachment:
    """Keep a paper of the request, encrypted."""
    actor.require(Capability.ASK_ASSISTANCE)
    if len(attachments_of(request.id)) >= MOST_ATTACHMENTS:
        raise Refused(
            N_("A request holds at most %(most)s documents."),
            field="document",
            most=MOST_ATTACHMENTS,
        )
    upload = received(content, filename, largest=LARGEST_ATTACHMENT, field="document")
    found = AssistanceAttachment(
        assistance_id=request.id,
        name=upload.name,
        content=storage.put(upload.content),
        size=len(upload.content),
        created_by=actor.name,
    )
    db.session.add(found)
    db.session.flush()
    return found


def _advance(
    *,
    actor: Actor,
    request: AssistanceRequest,
    name: str,
    reason: str | None = None,
    assignee_name: str | None = None,
) -> None:
    """Take a step by the table: a row of history, the status, and when an answer is owed."""
    step = STEPS[name]
    actor.require(step.capability)
    if not may_step(request.status, name):
        raise Refused(N_("This request stands otherwise by now. Look at it again."))
    text = (reason or "").strip() or None
    if step.needs_reason and text is None:
        raise Refused(N_("Give the reason."), field="reason")
    now = clock.now()
    _move_due(request, step.target, now)
    kept = _keep_step(actor, request, request.status, step.target, reason=text, to=assignee_name)
    request.status = step.target
    request.settled_at = now if step.target in SETTLED else None
    if name == "take":
        request.assignee_id = actor.user_id
    db.session.flush()
    tell_of_step(actor, request, kept)


def _move_due(request: AssistanceRequest, target: AssistanceStatus, now: datetime) -> None:
    """The time that headquarters waited is not its own; what is opened again is owed anew."""
    if request.status is AssistanceStatus.WAITING:
        request.due_at += now - steps_of(request.id)[-1].recorded_at
    elif request.status in SETTLED:
        request.due_at = now + TARGETS[request.priority]


def _keep_step(
    actor: Actor,
    request: AssistanceRequest,
    source: AssistanceStatus | None,
    target: AssistanceStatus,
    *,
    reason: str | None = None,
    to: str | None = None,
) -> AssistanceStep:
    step = AssistanceStep(
        assistance_id=request.id,
        from_status=source,
        to_status=target,
        assignee_name=to,
        actor_name=actor.name,
        reason=reason,
    )
    db.session.add(step)
    return step
