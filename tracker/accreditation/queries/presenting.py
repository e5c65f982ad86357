"""Whether somebody may present candidates to the commission now; if not, why not and who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.accounts.queries import users_who_may
from tracker.elections.models import Election
from tracker.elections.queries import calendar_of
from tracker.elections.rules import may_submit
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.permissions import Capability


@dataclass(frozen=True)
class Presenting:
    """The legal window as this person meets it; both moments in the election's zone."""

    opens_at: datetime
    closes_at: datetime
    is_open: bool
    is_early: bool
    may: bool  # inside the window, or past it with the power to override it
    overriders: Sequence[str] = ()  # who may, where this person may not any more


def presenting_by(actor: Actor, election: Election) -> Presenting:
    """What the legal window allows this person now."""
    calendar, now = calendar_of(election), clock.now()
    is_open, is_early = may_submit(calendar, now), now < calendar.opens_at
    overrides = actor.may(Capability.OVERRIDE_DEADLINES)
    is_late = not is_open and not is_early
    asks = is_late and not overrides and not actor.is_of_delegation  # who asks headquarters
    others = users_who_may(Capability.OVERRIDE_DEADLINES) if asks else ()
    return Presenting(
        clock.local(calendar.opens_at, calendar.time_zone),
        clock.local(calendar.closes_at, calendar.time_zone),
        is_open,
        is_early,
        actor.may(Capability.SUBMIT_OBSERVERS) and (is_open or (is_late and overrides)),
        [name for _id, name in others],
    )
