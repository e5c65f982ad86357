"""Finds times for requested meetings: free slots for one request, a whole plan for all of them.

Coordinators must see why a time is good and why a request finds none, so every answer carries
reasons in codes. Nothing here knows the database or the web. All moments are aware and in UTC,
days are local days of the problem's time zone. Parameters of reasons hold keys of resources
("official:3") under `who` and `hall`; pages put the names in their place.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from tracker.meetings.conflicts import Reason, Resource
from tracker.meetings.planner_board import Board
from tracker.meetings.planner_problem import (
    FAIRNESS,
    KEPT,
    NEAR,
    WISHED,
    Placement,
    Problem,
    Proposal,
    Request,
    Unplaced,
)


def openings(problem: Problem, keys: Iterable[str], length: timedelta) -> list[datetime]:
    """When a meeting may begin that lies inside the hours of all."""
    moments: Sequence[datetime] = problem.grid
    for key in keys:
        hours = problem.resource(key).hours
        if hours is not None:
            spans = (
                moments[
                    bisect_left(moments, each.starts_at) : bisect_right(
                        moments, each.ends_at - length
                    )
                ]
                for each in hours
            )
            moments = [moment for span in spans for moment in span]
    return list(moments)


def appeal(problem: Problem, request: Request, officials: tuple[str, ...], at: datetime) -> int:
    """Points for this time and these officials rather than others."""
    points = -20 * min(request.choices.index(officials), 5) if officials in request.choices else 0
    if not request.wished_days or problem.day_of(at) in request.wished_days:
        points += WISHED
    fixed = request.fixed
    return points + (KEPT if fixed and (fixed.starts_at, fixed.officials) == (at, officials) else 0)


def value_of(problem: Problem, placements: Iterable[Placement]) -> int:
    """The points of a plan."""
    points, meetings = 0, Counter[str]()
    for placement in placements:
        request = problem.request[placement.request]
        points += request.worth + appeal(problem, request, placement.officials, placement.starts_at)
        meetings.update(request.delegations)
    return points + sum(sum(FAIRNESS[:number]) for number in meetings.values())


def candidates(problem: Problem, request: Request) -> list[tuple[int, datetime, tuple[str, ...]]]:
    """Every time inside all hours with each group of officials, best and earliest first."""
    found = [
        (appeal(problem, request, officials, moment), moment, officials)
        for officials in request.choices
        for moment in openings(problem, (*officials, *request.delegations), request.length)
    ]
    return sorted(found, key=lambda each: (-each[0], each[1]))


def propose(
    problem: Problem, placements: Iterable[Placement], request: Request, limit: int = 5
) -> list[Proposal]:
    """Free slots for one request beside the placements, best first, no two of them overlapping."""
    board = Board(problem, (each for each in placements if each.request != request.key))
    found = []
    for points, moment, officials in candidates(problem, request):
        if placement := board.seat(request, officials, moment):
            near = any(board.is_near(each, placement) for each in request.delegations)
            reasons = tuple(_speaking(problem, request, placement, near))
            found.append(Proposal(placement, points + NEAR * near, reasons))
    chosen: list[Proposal] = []
    for proposal in sorted(found, key=lambda each: (-each.score, each.placement.starts_at)):
        slot = proposal.placement
        if len(chosen) < limit and not any(
            slot.officials == other.placement.officials
            and slot.starts_at < other.placement.ends_at
            and other.placement.starts_at < slot.ends_at
            for other in chosen
        ):
            chosen.append(proposal)
    return chosen


def _speaking(
    problem: Problem, request: Request, placement: Placement, near: bool
) -> Iterator[Reason]:
    if request.wished_days:
        is_wished = problem.day_of(placement.starts_at) in request.wished_days
        yield Reason("wished_day" if is_wished else "other_day")
    if len(request.choices) > 1:
        is_first = placement.officials == request.choices[0]
        yield Reason("first_choice_official" if is_first else "other_official")
    if near:
        yield Reason("short_way")
    if placement.hall and (seats := problem.resource(placement.hall).capacity) is not None:
        yield Reason(
            "hall_fits", {"hall": placement.hall, "seats": seats, "people": request.people}
        )
    if placement.interpreter:
        yield Reason("interpreter_free", {"who": placement.interpreter})
    else:
        yield Reason("no_interpreter_needed")


def why_not(problem: Problem, placements: Iterable[Placement], request: Request) -> Unplaced | None:
    """The binding reason why the request finds no slot beside the placements; None if it does."""
    others = [each for each in placements if each.request != request.key]
    reason = _lacking(problem, request) or _crowded(Board(problem, others), request)
    return Unplaced(request.key, reason.code, reason.params) if reason else None


def _lacking(problem: Problem, request: Request) -> Reason | None:
    """What is missing even if nothing else were planned."""
    if not problem.halls_for(request):
        return Reason("no_hall_large_enough", {"people": request.people})
    if not problem.interpreters_for(request):
        return Reason("no_interpreter_of_language", {"language": request.language})
    absent: dict[str, None] = {}
    short: dict[str, None] = {}
    for officials in request.choices:
        empty = [one for one in officials if not openings(problem, (one,), timedelta.resolution)]
        brief = [one for one in officials if not _has_room(problem.resource(one), request.length)]
        if not empty and not brief:
            return None
        absent.update(dict.fromkeys(empty))
        short.update(dict.fromkeys(each for each in brief if each not in empty))
    if short:
        minutes = int(request.length / timedelta(minutes=1))
        return Reason("longer_than_any_window", {"who": tuple(short), "minutes": minutes})
    return Reason("official_has_no_hours", {"who": tuple(absent)})


def _has_room(resource: Resource, length: timedelta) -> bool:
    return resource.hours is None or any(
        each.ends_at - each.starts_at >= length for each in resource.hours
    )


def _crowded(board: Board, request: Request) -> Reason | None:
    """Who leaves no slot: the officials, else the delegations, else the halls or interpreters."""
    problem = board.problem
    officials = tuple(dict.fromkeys(one for choice in request.choices for one in choice))
    slots = [
        (choice, moment, problem.venue_of(choice, hall), hall)
        for choice in request.choices
        for moment in openings(problem, choice, request.length)
        for hall in problem.halls_for(request)
    ]
    if not slots:
        return Reason("no_common_time", {"who": officials})
    stages: tuple[tuple[Reason, Callable[..., Sequence[str]]], ...] = (
        (Reason("official_full", {"who": officials}), lambda choice, _hall: choice),
        (
            Reason("delegation_busy", {"who": request.delegations}),
            lambda _choice, _hall: request.delegations,
        ),
        (
            Reason("no_hall_free", {"people": request.people}),
            lambda _c, hall: (hall,) if hall else (),
        ),
    )
    for reason, needed in stages:
        slots = [
            slot
            for slot in slots
            if all(
                board.is_free(key, slot[1], slot[1] + request.length, slot[2])
                for key in needed(slot[0], slot[3])
            )
        ]
        if not slots:
            return reason
    if any(board.seat(request, slot[0], slot[1], (slot[3],)) for slot in slots):
        return None
    return Reason("no_interpreter_free", {"language": request.language})


def fill(board: Board, requests: Iterable[Request]) -> None:
    """Give each request not yet placed, in this order, the best place that is left."""
    for request in requests:
        if request.key in board.placed:
            continue
        if request.fixed and board.can_stay(request.fixed):
            board.add(request.fixed)
            continue
        for _points, moment, officials in candidates(board.problem, request):
            if placement := board.seat(request, officials, moment):
                board.add(placement)
                break


def in_turn(problem: Problem) -> list[Request]:
    """The requests by worth, counting that a delegation's further meetings are worth less."""
    meetings, gains = Counter[str](), {}
    for request in sorted(problem.requests, key=lambda each: (-each.worth, each.key)):
        gain = sum(sum(FAIRNESS[meetings[one] :][:1]) for one in request.delegations)
        gains[request.key] = request.worth + gain
        meetings.update(request.delegations)
    return sorted(problem.requests, key=lambda each: (-gains[each.key], each.key))


def plan_greedily(problem: Problem) -> list[Placement]:
    """A whole plan in a moment: each request in turn gets the best place left."""
    board = Board(problem)
    fill(board, in_turn(problem))
    return list(board.placed.values())
