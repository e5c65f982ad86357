"""Who covers which region on a day, where nobody or too many are, and what does not fit a team."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol, TypeVar

from tracker.accreditation.models import AccreditationStatus, Function
from tracker.logistics.models.deployment import TeamStatus

A = AccreditationStatus
S = TeamStatus

PLACEABLE = frozenset({A.REGISTERED, A.SUBMITTED, A.ACCREDITED})
# Whose accreditation ended with the election was there; who was withdrawn or revoked is not.
COUNTED = PLACEABLE | {A.EXPIRED}
TOO_MANY = 2  # times the even share


@dataclass(frozen=True)
class Step:
    """One way from a status of a team to another, and whether somebody has to say why."""

    sources: frozenset[TeamStatus]
    target: TeamStatus
    needs_reason: bool = False


STANDING = frozenset({S.PLANNED, S.CONFIRMED})  # holds its people, and may be changed
STEPS: dict[str, Step] = {
    "confirm": Step(frozenset({S.PLANNED}), S.CONFIRMED),
    "cancel": Step(STANDING, S.CANCELLED, needs_reason=True),
}


def may_step(status: TeamStatus, name: str) -> bool:
    """Whether the table leads from `status` by the step of this name."""
    return status in STEPS[name].sources


class Days(Protocol):
    """Anything that lasts from a local day to a local day, both included."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date: ...


@dataclass(frozen=True)
class Span:
    """Local days, the first and the last included."""

    starts_on: date
    ends_on: date


def usual_days(election_on: date) -> Span:
    """When short-term observers are in a region, where nobody says otherwise."""
    return Span(election_on - timedelta(days=2), election_on + timedelta(days=1))


def overlap(one: Days, other: Days) -> bool:
    """Whether the two share a day."""
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def is_elsewhere(region: str, certificate: str | None) -> bool:
    """Whether the certificate names another region than the one that a person is sent to."""
    return certificate is not None and certificate != region


@dataclass(frozen=True)
class Placing:
    """How many observers of one function a team has in a region; none in a team without people."""

    region: str
    team_id: int
    delegation_id: int
    function: Function | None
    observers: int


@dataclass(frozen=True)
class Coverage:
    """What one region has on a day."""

    observers: int = 0
    teams: int = 0
    delegations: int = 0
    long_term: int = 0
    short_term: int = 0


def coverage(regions: Sequence[str], placings: Iterable[Placing]) -> dict[str, Coverage]:
    """What each region has, all regions in their order; a region unknown here comes last."""
    by_region: dict[str, list[Placing]] = {region: [] for region in regions}
    for each in placings:
        by_region.setdefault(each.region, []).append(each)
    return {region: _covered(rows) for region, rows in by_region.items()}


def _covered(rows: Sequence[Placing]) -> Coverage:
    def number(*functions: Function) -> int:
        return sum(row.observers for row in rows if not functions or row.function in functions)

    return Coverage(
        observers=number(),
        teams=len({row.team_id for row in rows}),
        delegations=len({row.delegation_id for row in rows}),
        long_term=number(Function.LONG_TERM_OBSERVER),
        short_term=number(Function.SHORT_TERM_OBSERVER),
    )


def gaps(found: Mapping[str, Coverage]) -> list[str]:
    """The regions with no observer."""
    return [region for region, covered in found.items() if not covered.observers]


def even_share(found: Mapping[str, Coverage]) -> Fraction:
    """How many observers each region had if all had as many."""
    total = sum(covered.observers for covered in found.values())
    return Fraction(total, len(found)) if found else Fraction()


def crowded(found: Mapping[str, Coverage]) -> list[str]:
    """The regions with more than twice the even share.

    None is before there is one observer for each region: whoever comes first crowds nobody.
    """
    share = even_share(found)
    if share < 1:
        return []
    return [region for region, covered in found.items() if covered.observers > TOO_MANY * share]


class Placed(Days, Protocol):
    """A team as far as its region and days."""

    @property
    def region(self) -> str: ...


T = TypeVar("T", bound=Placed)


def in_two_regions(teams: Iterable[T], key_of: Callable[[T], str | None]) -> list[list[T]]:
    """Teams of one key (a vehicle, a liaison officer) that are in two regions on one day.

    A list a key; a team is in it where another of the key is elsewhere on a day of its own.
    """
    by_key: dict[str, list[T]] = {}
    for team in teams:
        if key := key_of(team):
            by_key.setdefault(key, []).append(team)
    found = ([team for team in rows if _is_torn(team, rows)] for rows in by_key.values())
    return [rows for rows in found if rows]


def _is_torn(team: T, others: Iterable[T]) -> bool:
    return any(other.region != team.region and overlap(other, team) for other in others)
