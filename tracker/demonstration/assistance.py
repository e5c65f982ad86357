"""What delegations ask headquarters for in the demonstration, and the answers kept ready."""

from collections.abc import Callable, Mapping
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.delegations.models import Delegation
from tracker.demonstration.directory import DATA, rows_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db
from tracker.logistics.models.assistance import AssistanceKind, AssistanceRequest, Priority
from tracker.logistics.operations.answers import AnswerDetails, keep_answer
from tracker.logistics.operations.assistance import (
    AssistanceDetails,
    advance_assistance,
    ask_assistance,
    assign_assistance,
    comment_on_assistance,
    merge_assistance,
)


def build_assistance(
    election: Election,
    delegations: Mapping[str, Delegation],
    moment: Callable[[str], datetime],
) -> None:
    """Enter the requests and take their steps, each at its moment on the clock."""
    with clock.at(moment("2022-11-11T09:00")):
        for row in rows_of(DATA / "canned_answers.csv"):
            keep_answer(actor=SYSTEM, details=AnswerDetails(**row))
    made = {}
    for row in rows_of(DATA / "assistance.csv"):
        with clock.at(moment(row["asked"])):
            made[row["key"]] = ask_assistance(
                actor=SYSTEM,
                election=election,
                delegation=delegations[row["delegation"]],
                details=AssistanceDetails(
                    kind=AssistanceKind(row["kind"]),
                    priority=Priority(row["priority"]),
                    title=row["title"],
                    text=row["text"],
                ),
            )
    coordinator = db.session.scalar(sa.select(User.id).where(User.email.startswith("coordinator@")))
    for row in rows_of(DATA / "assistance_steps.csv"):
        with clock.at(moment(row["at"])):
            _step(made, row, coordinator or 0)


def _step(made: Mapping[str, AssistanceRequest], row: dict[str, str], coordinator: int) -> None:
    request, text = made[row["key"]], row["text"]
    match row["step"]:
        case "assign":
            assign_assistance(actor=SYSTEM, request=request, assignee_id=coordinator)
        case "comment" | "note" as step:
            is_internal = step == "note"
            comment_on_assistance(actor=SYSTEM, request=request, text=text, is_internal=is_internal)
        case "merge":
            merge_assistance(actor=SYSTEM, request=request, number=made[text].number)
        case name:
            advance_assistance(actor=SYSTEM, request=request, name=name, reason=text)
