"""The first-run tour: the step of it that the page in hand shows.

A step is drawn by the server on the page that it speaks of, where the address asks for it
(`?tour=3`). Which capability a page takes is read from its route: what a person may not open is no
step of theirs, and the numbers follow.
"""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, request, url_for
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.permissions import Role
from tracker.kernel.text import whole_number
from tracker.kernel.web import SAFE_METHODS
from tracker.navigation.tour_steps import TOURS, Step

PARAMETER = "tour"
LONGEST = 7


def _is_open(step: Step, actor: Actor, election: Election | None) -> bool:
    view: Any = current_app.view_functions[step.endpoint]
    needs = current_app.url_map.is_endpoint_expecting(step.endpoint, "election")
    return actor.may(view.capability) and (election is not None or not needs)


def steps_for(actor: Actor, election: Election | None) -> list[Step]:
    """The steps of whoever asks, a page once, in the order of their roles."""
    found: dict[str, Step] = {}
    for role in Role:
        for step in TOURS[role] if role in actor.roles else ():
            if _is_open(step, actor, election):
                found.setdefault(step.endpoint, step)
    return list(found.values())[:LONGEST]


def _address(steps: list[Step], place: int, election: Election | None) -> str:
    """Where step `place` is drawn; the browser goes to its panel."""
    step = steps[place - 1]
    values: dict[str, Any] = {PARAMETER: place, "_anchor": PARAMETER}
    if current_app.url_map.is_endpoint_expecting(step.endpoint, "election") and election:
        values["election"] = election.slug
    return url_for(step.endpoint, **values)


def _here() -> str:
    """This page without the tour; what was sent somewhere has no page of its own."""
    if request.method not in SAFE_METHODS:
        return "/"
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != PARAMETER]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def tour_of(actor: Actor, election: Election | None, *, is_new: bool) -> dict[str, Any] | None:
    """What this page shows of the tour of whoever asks: where it begins, and the step or the offer
    of it. `is_new`: they have neither taken it nor put it off."""
    steps = steps_for(actor, election)
    if not steps:
        return None
    count = len(steps)
    place = whole_number(request.args.get(PARAMETER, "")) or 0
    found: dict[str, Any] = {"starts": _address(steps, 1, election), "count": count}
    found |= {"here": _here(), "step": None, "is_new": is_new}
    found["is_offered"] = is_new and request.endpoint in _pages(steps[0])
    if not 1 <= place <= count or request.endpoint not in _pages(steps[place - 1]):
        return found
    step = steps[place - 1]
    return found | {
        "is_offered": False,
        "step": {"place": place, "title": _(step.title), "text": _(step.text)},
        "marks": step.marks,
        "back": _address(steps, place - 1, election) if place > 1 else None,
        "next": _address(steps, place + 1, election) if place < count else None,
    }


def _pages(step: Step) -> tuple[str, ...]:
    return (step.endpoint, *step.leads_to)
