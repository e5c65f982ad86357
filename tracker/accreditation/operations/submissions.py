"""The Ministry presents, the commission decides."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from tracker.accreditation import queries
from tracker.accreditation.models import (
    AccreditationStatus,
    Ground,
    Resolution,
    Submission,
    SubmissionItem,
)
from tracker.accreditation.operations.steps import Reason, advance_many, check_reason
from tracker.accreditation.rules import Step
from tracker.audit.capture import insert_many, update_many
from tracker.elections.models import Election
from tracker.elections.queries import calendar_of
from tracker.elections.rules import may_submit
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Several, Words
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability


def _check_deadline(actor: Actor, election: Election, override_reason: str | None) -> str | None:
    """None inside the legal window, else the administrator's reason; raises `Refused` without."""
    calendar = calendar_of(election)
    now = clock.now()
    if may_submit(calendar, now):
        return None
    if now < calendar.opens_at:
        raise Refused(
            N_("Accreditation opens on %(moment)s."),
            moment=clock.local(calendar.opens_at, calendar.time_zone),
        )
    if not actor.may(Capability.OVERRIDE_DEADLINES):
        raise Refused(
            N_(
                "Accreditation closed on %(moment)s. "
                "Only an administrator can submit after that, with a reason."
            ),
            moment=clock.local(calendar.closes_at, calendar.time_zone),
        )
    if not (override_reason or "").strip():
        raise Refused(
            N_("Accreditation is closed: give the reason for submitting nevertheless."),
            field="override_reason",
        )
    return override_reason


def submit_observers(
    *,
    actor: Actor,
    election: Election,
    accreditation_ids: Sequence[int],
    remark: str | None = None,
    override_reason: str | None = None,
) -> Submission:
    """Present registered observers to the commission under the next number."""
    actor.require(Capability.SUBMIT_OBSERVERS)
    if not accreditation_ids:
        raise Refused(N_("Choose at least one registered observer."), field="observers")
    override = _check_deadline(actor, election, override_reason)
    rows = queries.held(election.id, accreditation_ids)
    lacking = queries.missing_of(election, [row.id for row in rows])
    for row in rows:
        if row.status is not AccreditationStatus.REGISTERED or lacking[row.id]:
            raise Refused(
                N_("%(name)s is not registered with everything that is needed."),
                field="observers",
                name=queries.names_of([row.id])[row.id],
            )
    if len(rows) != len(set(accreditation_ids)):
        raise Refused(N_("Some of the chosen observers no longer exist."), field="observers")
    # The row lock of the election makes numbers follow one another also under concurrency.
    db.session.execute(
        sa.select(Election.id).where(Election.id == election.id).with_for_update(key_share=True)
    )
    highest = sa.select(sa.func.max(Submission.number)).where(Submission.election_id == election.id)
    submission = Submission(
        election_id=election.id,
        number=(db.session.scalar(highest) or 0) + 1,
        submitted_at=clock.now(),
        submitted_by=actor.name,
        remark=remark,
        override_reason=override,
    )
    db.session.add(submission)
    db.session.flush()
    whose = [{"submission_id": submission.id, "accreditation_id": row.id} for row in rows]
    insert_many(SubmissionItem, whose)
    why = {"submission_id": submission.id, "override_reason": override}
    advance_many(rows, Step.SUBMIT, actor=actor, details=[why] * len(rows))
    return submission


@dataclass(frozen=True)
class Decision:
    """What the commission decides of one candidate: accredited, refused or returned."""

    kind: str
    reason: Reason = Reason()


DECISION_STEPS = {"accredited": Step.ACCREDIT, "refused": Step.REFUSE, "returned": Step.RETURN}


def decide_submission(
    *,
    actor: Actor,
    election: Election,
    submission: Submission,
    decisions: dict[int, Decision],
    resolution_number: str | None,
    effective_at: datetime | None,
    remark: str | None = None,
) -> Resolution | None:
    """Decide candidates row by row (by item id); accrediting and refusing needs a resolution.

    A number that exists already adds to that resolution, at its own moment. A replaced observer
    is withdrawn by the same resolution at the same moment.
    """
    actor.require(Capability.DECIDE_SUBMISSIONS)
    items = [item for item in queries.held_items(submission.id) if item.id in decisions]
    if not items or len(items) != len(decisions):
        raise Refused(N_("Decide at least one candidate of this submission."), field="decisions")
    _check(items, decisions)
    needs_resolution = any(decision.kind != "returned" for decision in decisions.values())
    resolution = (
        _resolution(election, resolution_number, effective_at, remark) if needs_resolution else None
    )
    if decided := [item.accreditation_id for item in items if item.decision is not None]:
        raise Refused(
            N_("Decided meanwhile: %(names)s. Nothing was recorded; look at the others again."),
            names=sorted(queries.names_of(decided).values()),
        )
    alike = defaultdict(list)
    for item in items:
        alike[decisions[item.id]].append(item)
    for decision, some in alike.items():
        _decide(actor, election, submission, decision, some, resolution)
    return resolution


def _check(items: Sequence[queries.Item], decisions: dict[int, Decision]) -> None:
    """Every refusal needs its ground; whose lacks is said, all at once."""
    if not all(decision.kind in DECISION_STEPS for decision in decisions.values()):
        raise Refused(N_("Choose accredit, refuse or return for correction."), field="decisions")
    problems = {}
    for item in items:
        if decisions[item.id].kind == "refused":
            try:
                check_reason(Step.REFUSE, decisions[item.id].reason)
            except Refused as refusal:
                problems[item.accreditation_id] = refusal
    names = queries.names_of(problems)
    refusals = [
        Refused(
            N_("%(name)s: %(problem)s"),
            field=problem.field,
            name=names[key],
            problem=Words((problem.message,)),
        )
        for key, problem in problems.items()
    ]
    if refusals:
        raise Several(refusals)


def _decide(
    actor: Actor,
    election: Election,
    submission: Submission,
    decision: Decision,
    items: Sequence[queries.Item],
    resolution: Resolution | None,
) -> None:
    """Decide some alike; what only returns needs no resolution and takes effect now."""
    step, reason = DECISION_STEPS[decision.kind], decision.reason
    by = resolution if step is not Step.RETURN else None
    why = {
        "ground": reason.ground,
        "ground_text": reason.text,
        "resolution_id": by.id if by else None,
    }
    decided = {"decision": decision.kind, "decided_at": clock.now(), **why}
    update_many(SubmissionItem, [item.id for item in items], decided)
    rows = queries.held(election.id, [item.accreditation_id for item in items])
    details = [{"submission_id": submission.id, **why}] * len(rows)
    at = by.effective_at if by else None
    advance_many(rows, step, actor=actor, at=at, details=details)
    if step is Step.ACCREDIT:
        _withdraw_replaced(actor, election, rows, by)


def _withdraw_replaced(
    actor: Actor,
    election: Election,
    rows: Sequence[queries.Standing],
    resolution: Resolution | None,
) -> None:
    newer = {row.replaces_id: row.id for row in rows if row.replaces_id}
    replaced = [
        row
        for row in queries.held(election.id, newer)
        if row.status is AccreditationStatus.ACCREDITED
    ]
    why = {
        "ground": Ground.REPLACED,
        "resolution_id": resolution.id if resolution else None,
    }
    details = [{**why, "replaced_by_id": newer[row.id]} for row in replaced]
    at = resolution.effective_at if resolution else None
    advance_many(replaced, Step.WITHDRAW, actor=actor, at=at, details=details)


def _resolution(
    election: Election, number: str | None, effective_at: datetime | None, remark: str | None
) -> Resolution:
    if not number:
        raise Refused(N_("Give the number of the resolution."), field="resolution_number")
    found = db.session.scalar(
        sa.select(Resolution).where(
            Resolution.election_id == election.id, Resolution.number == number
        )
    )
    if found is not None:
        if effective_at is not None and effective_at != found.effective_at:
            raise Refused(
                N_("Resolution %(number)s took effect on %(moment)s already."),
                field="effective_at",
                number=number,
                moment=clock.local(found.effective_at, election.time_zone),
            )
        return found
    if effective_at is None:
        raise Refused(N_("Give the moment when it takes effect."), field="effective_at")
    if effective_at > clock.now():
        raise Refused(N_("A moment in the future cannot take effect yet."), field="effective_at")
    resolution = Resolution(
        election_id=election.id,
        number=number,
        effective_at=effective_at,
        recorded_at=clock.now(),
        remark=remark,
    )
    db.session.add(resolution)
    db.session.flush()
    return resolution
