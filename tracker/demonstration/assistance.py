"""What delegations ask headquarters for in the demonstration, and the answers kept ready."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.queries import actor_of
from tracker.delegations.models import Delegation
from tracker.demonstration.rows import DATA, rows_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
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
    query = sa.select(User.id).where(User.email.startswith("coordinator@"))
    coordinator = actor_of(db.session.scalar(query))
    with clock.at(moment("2022-11-11T09:00")):
        for row in rows_of(DATA / "canned_answers.csv"):
            keep_answer(actor=coordinator, details=AnswerDetails(**row))
    made = {}
    for row in rows_of(DATA / "assistance.csv"):
        with clock.at(moment(row["asked"])):
            made[row["key"]] = ask_assistance(
                actor=coordinator,
                election=election,
                delegation=delegations[row["delegation"]],
                details=AssistanceDetails(
                    kind=AssistanceKind(row["kind"]),
                    priority=Priority(row["priority"]),
                    title=row["title"],
                    text=row["text"],
                ),
            )
    for row in rows_of(DATA / "assistance_steps.csv"):
        with clock.at(moment(row["at"])):
            _step(made, row, coordinator)


def _step(made: Mapping[str, AssistanceRequest], row: dict[str, str], actor: Actor) -> None:
    deed: dict[str, Any] = {"actor": actor, "request": made[row["key"]]}
    text = row["text"]
    match row["step"]:
        case "assign":
            assign_assistance(**deed, assignee_id=actor.user_id or 0)
        case "comment" | "note" as step:
            comment_on_assistance(**deed, text=text, is_internal=step == "note")
        case "merge":
            merge_assistance(**deed, number=made[text].number)
        case name:
            advance_assistance(**deed, name=name, reason=text)
