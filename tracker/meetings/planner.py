"""Finds times for requested meetings: free slots for one request, a whole plan for all of them.

Coordinators must see why a time is good and why a request finds none, so every answer carries
reasons in codes. Nothing here knows the database or the web. All moments are aware and in UTC,
days are local days of the problem's time zone. Parameters of reasons hold keys of resources
("official:3") under `who` and `hall`; pages put the names in their place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from itertools import chain
from operator import or_

from tracker.meetings.conflicts import Reason, Resource
from tracker.meetings.planner_board import Board, Groups
from tracker.meetings.planner_exchange import exchange, fill, in_turn
from tracker.meetings.planner_grid import numbers
from tracker.meetings.planner_problem import (
    NEAR,
    Placement,
    Problem,
    Proposal,
    Request,
    Unplaced,
)
from tracker.meetings.planner_worth import grades

TRIALS = 5  # of exchanges in a first plan, for each request


def propose(
    problem: Problem, placements: Iterable[Placement], request: Request, limit: int = 5
) -> list[Proposal]:
    """Free slots for one request beside the placements, best first, no two of them overlapping."""
    board = Board(problem, (each for each in placements if each.request != request.key))
    found = []
    for points, officials, moments in grades(problem, request):
        free = 0
        for there in board.starts(request, officials, moments).values():
            free |= there
        for number in numbers(free):
            if placement := board.seat(request, officials, number):
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
    others = (each for each in placements if each.request != request.key)
    return _binding(Board(problem, others), request)


def unplaced(problem: Problem, placements: Sequence[Placement]) -> list[Unplaced]:
    """The requests that a plan leaves out, each with the binding reason."""
    board = Board(problem, placements)
    left = (each for each in problem.requests if each.key not in board.placed)
    return [found for each in left if (found := _binding(board, each))]


def _binding(board: Board, request: Request) -> Unplaced | None:
    reason = _lacking(board.problem, request) or _crowded(board, request)
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
        empty = [
            one for one in officials if not problem.grid.inside_hours(problem.resource(one), 1)
        ]
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


@dataclass
class _Slot:
    """Some officials and a hall; the moments at which nothing looked at so far is in the way."""

    officials: tuple[str, ...]
    hall: str | None
    moments: int


def _crowded(board: Board, request: Request) -> Reason | None:
    """Who leaves no slot: the officials, else the delegations, else the halls or interpreters."""
    problem = board.problem
    slots = []
    for officials in request.choices:
        moments = board.grid.every
        for one in officials:
            moments &= board.grid.inside_hours(problem.resource(one), request.ticks)
        slots += [_Slot(officials, hall, moments) for hall in problem.halls_for(request) if moments]
    named = tuple(dict.fromkeys(one for choice in request.choices for one in choice))
    if not slots:
        return Reason("no_common_time", {"who": named})
    delegations, people = request.delegations, {"people": request.people}
    stages: tuple[tuple[Reason, Callable[[_Slot], Groups]], ...] = (
        (Reason("official_full", {"who": named}), lambda slot: [(one,) for one in slot.officials]),
        (
            Reason("delegation_busy", {"who": delegations}),
            lambda _: [(one,) for one in delegations],
        ),
        (Reason("no_hall_free", people), lambda slot: [(slot.hall,)]),
        (
            Reason("no_interpreter_free", {"language": request.language}),
            lambda _: [problem.interpreters_for(request)],
        ),
    )
    for reason, needed in stages:
        full: dict[str, None] = {}
        for slot in slots:
            full.update(dict.fromkeys(_narrow(board, request, slot, needed(slot))))
        slots = [slot for slot in slots if slot.moments]
        if not slots:
            return Reason("day_full", {"who": tuple(full)}) if full else reason
    return None


def _narrow(board: Board, request: Request, slot: _Slot, needed: Groups) -> list[str]:
    """Keep the moments at which one of each group is free; who is so but for the day's number."""
    length, venue = request.ticks, board.problem.venue_of(slot.officials, slot.hall)
    groups = [keys for group in needed if (keys := [key for key in group if key])]
    unengaged = slot.moments
    for keys in groups:
        unengaged &= reduce(or_, (board.unengaged(key, length, venue) for key in keys))
        slot.moments &= reduce(or_, (board.free(key, length, venue) for key in keys))
    return [
        key
        for key in chain.from_iterable(groups)
        if board.full(key) & board.unengaged(key, length, venue) & unengaged
    ]


def plan_greedily(problem: Problem) -> list[Placement]:
    """A whole plan in a moment: each request in turn gets the best place left, then exchanges."""
    board = Board(problem)
    fill(board, in_turn(problem))
    exchange(board, TRIALS * len(problem.requests))
    return list(board.placed.values())
