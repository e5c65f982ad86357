"""Which notices there are, whom each is for, and when they get it unless they choose otherwise."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.accounts.models import Delivery, Notice
from tracker.kernel.permissions import Role

SUMMARY_AT = time(8)  # local time of the election, at which a day's notices leave in one letter

_NOW, _DAILY = Delivery.AT_ONCE, Delivery.DAILY
DEFAULTS: Mapping[Notice, Mapping[Role, Delivery]] = {
    Notice.LISTS: {Role.REGISTRAR: _DAILY, Role.FOCAL_POINT: _NOW},
    Notice.MEETING_REQUESTS: {Role.COORDINATOR: _NOW},
    Notice.SUBMISSIONS: {Role.COMMISSION: _NOW},
    Notice.FOLLOWED: {Role.REGISTRAR: _NOW, Role.COORDINATOR: _NOW, Role.FOCAL_POINT: _NOW},
    Notice.DECISIONS: {Role.FOCAL_POINT: _DAILY},
    Notice.ANSWERS: {Role.FOCAL_POINT: _NOW},
    Notice.MEETINGS: {Role.FOCAL_POINT: _NOW},
    Notice.MESSAGES: {
        Role.REGISTRAR: _DAILY,
        Role.COORDINATOR: _DAILY,
        Role.FOCAL_POINT: _NOW,
    },
}


def kinds_for(roles: Iterable[str]) -> list[Notice]:
    """The notices that somebody with these roles may get, in the order of the table."""
    held = frozenset(roles)
    return [kind for kind, by_role in DEFAULTS.items() if not held.isdisjoint(by_role)]


def delivery_of(kind: Notice, roles: Iterable[str], chosen: Mapping[Notice, Delivery]) -> Delivery:
    """When somebody is told: as they chose, else at the soonest that one of their roles has;
    never, where none of them is told of such things."""
    defaults = [when for role, when in DEFAULTS[kind].items() if role in frozenset(roles)]
    if not defaults:
        return Delivery.NEVER
    return chosen.get(kind) or min(defaults, key=list(Delivery).index)


def next_summary(now: datetime, zone: str) -> datetime:
    """The moment after `now` at which the letter of a day leaves, in the time zone `zone`."""
    local = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(local.date(), SUMMARY_AT, local.tzinfo)
    if today > local:
        return today
    return datetime.combine(local.date() + timedelta(days=1), SUMMARY_AT, local.tzinfo)
