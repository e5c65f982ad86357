"""What the job process does with meetings: makes plans."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
import structlog

from tracker.accounts.queries import actor_of
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import db, unit_of_work
from tracker.kernel.jobs import Handler, jobs
from tracker.kernel.outage import puts_off
from tracker.meetings.models import MeetingPlan, PlanRow, PlanStatus
from tracker.meetings.operations import invite_to_all
from tracker.meetings.operations.plans import JOB, UNDER_WAY, progress_key
from tracker.meetings.planner_problem import Plan
from tracker.meetings.planning import NOBODY, Asked, ask, days_between, number_of
from tracker.meetings.queries import requests_to_plan

INVITE = "invite_to_all"
log = structlog.get_logger()


def make_plan(plan_id: int) -> None:
    """Search for a plan and keep it; nothing is booked."""
    try:
        _search(plan_id)
    except Exception as error:
        if puts_off(error, plan_id=plan_id):
            return
        log.exception("planning failed", plan_id=plan_id)
        with unit_of_work(SYSTEM):
            plan = db.session.get_one(MeetingPlan, plan_id)
            plan.status, plan.finished_at = PlanStatus.FAILED, clock.now()


def _search(plan_id: int) -> None:
    with unit_of_work(SYSTEM):
        plan = db.session.get_one(MeetingPlan, plan_id)
        if plan.status not in UNDER_WAY:
            return
        plan.status, seconds = PlanStatus.RUNNING, plan.seconds
    asked = _asked(plan_id)
    # OR-Tools is heavy: only this process loads it, and only when it plans.
    planner: Any = import_module("tracker.meetings.planner_model")

    def progress(placed: int, total: int, _points: float) -> bool:
        jobs.report(progress_key(plan_id), placed, total)
        return not _is_stop_asked(plan_id)

    found: Plan = planner.schedule_all(asked.problem, seconds=seconds, progress=progress)
    with unit_of_work(SYSTEM):
        _keep(db.session.get_one(MeetingPlan, plan_id), asked, found)


def _asked(plan_id: int) -> Asked:
    plan = db.session.get_one(MeetingPlan, plan_id)
    election = db.session.get_one(Election, plan.election_id)
    requests = requests_to_plan(election.id, with_booked=plan.may_move)
    asked = ask(election, days_between(plan.first_on, plan.last_on), requests)
    db.session.rollback()  # nothing is held while the search goes on
    return asked


def _is_stop_asked(plan_id: int) -> bool:
    query = sa.select(MeetingPlan.is_stop_asked).where(MeetingPlan.id == plan_id)
    with db.engine.connect() as connection:
        return bool(connection.scalar(query))


def _keep(plan: MeetingPlan, asked: Asked, found: Plan) -> None:
    plan.points, plan.bound = found.objective, found.bound
    plan.is_stopped, plan.is_proven = found.stopped, found.is_proven
    plan.status, plan.finished_at = PlanStatus.READY, clock.now()
    db.session.execute(sa.delete(PlanRow).where(PlanRow.plan_id == plan.id))
    placed = [
        PlanRow(
            plan_id=plan.id,
            request_id=each.request,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            official_ids=[number_of(key) for key in each.officials],
            hall_id=number_of(each.hall),
            interpreter_id=number_of(each.interpreter),
            moves=each.request in found.moved,
        )
        for each in found.placements
        if asked.problem.request[each.request].fixed != each
    ]
    missing = [
        PlanRow(plan_id=plan.id, request_id=each.request, reason=each.code, params={**each.params})
        for each in found.unplaced
    ]
    missing += [PlanRow(plan_id=plan.id, request_id=key, reason=NOBODY) for key in asked.nobody]
    db.session.add_all([*placed, *missing])


def send_invitations(election_id: int, user_id: int | None) -> None:
    """Invite to all meetings ahead, on behalf of the person who asked for it."""
    actor = actor_of(user_id)
    db.session.rollback()  # what is written must not begin as a read (SQLite would refuse it)
    with unit_of_work(actor):
        election = db.session.get_one(Election, election_id)
        count = invite_to_all(actor=actor, election=election)
    log.info("invited", election_id=election_id, meetings=count)


def resume() -> None:
    """Give out again what a process that died left behind: it had kept nothing."""
    query = sa.select(MeetingPlan.id).where(MeetingPlan.status.in_(UNDER_WAY))
    waiting = db.session.scalars(query).all()
    db.session.rollback()
    for plan_id in waiting:
        jobs.enqueue_once(JOB, plan_id=plan_id)


HANDLERS: dict[str, Handler] = {JOB: make_plan, INVITE: send_invitations}
