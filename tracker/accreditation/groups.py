"""Where an accreditation counts: the groups that figures are made of, now and as time went by.

Pure: what is stored of it is kept by `counts` and `quarters`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from tracker.accreditation.models import LIVE, AccreditationStatus, Dimension, Function
from tracker.accreditation.rules import counts_as_observer

QUARTER = timedelta(minutes=15)


class Group(NamedTuple):
    """What is counted together."""

    election_id: int
    status: AccreditationStatus
    dimension: Dimension
    key: str


class Counted(NamedTuple):
    """All of one accreditation that decides where it counts."""

    id: int
    observer_id: int
    election_id: int
    status: AccreditationStatus
    function: Function | None
    delegation_id: int
    citizenship: str | None
    sex: str | None
    region: str | None

    def groups(self) -> Iterator[Group]:
        """The groups in which it is one."""
        for dimension, key in (
            (Dimension.FUNCTION, self.function),
            (Dimension.DELEGATION, self.delegation_id),
            (Dimension.CITIZENSHIP, self.citizenship),
            (Dimension.SEX, self.sex),
            (Dimension.REGION, self.region),
        ):
            if dimension is Dimension.FUNCTION or counts_as_observer(self.function):
                yield Group(self.election_id, self.status, dimension, str(key or ""))


class Step(NamedTuple):
    """One row of an accreditation's history: a status from a moment on."""

    accreditation_id: int
    id: int
    effective_at: datetime
    status: AccreditationStatus


class Placing(NamedTuple):
    """Another: a function and a region from a moment on."""

    accreditation_id: int
    id: int
    effective_at: datetime
    function: Function | None
    region: str | None


def is_figure(group: Group) -> bool:
    """Whether a figure as of a moment needs the group: the pipeline by function, and all of who is
    accredited."""
    if group.dimension is Dimension.FUNCTION:
        return group.status in LIVE
    return group.status is AccreditationStatus.ACCREDITED


def quarter_of(moment: datetime) -> datetime:
    """When the quarter of an hour that a moment lies in began, in UTC.

    The clocks of every time zone are whole quarters ahead of or behind UTC (IANA time zone
    database, since 1972), so that a local day ends with a quarter wherever it is.
    """
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def changes_by_quarter(
    row: Counted, history: Iterable[Step | Placing]
) -> Counter[tuple[Group, datetime]]:
    """By how many one accreditation changes each group that a figure needs, in which quarter.

    `row` says what has no history of its own (delegation, citizenship, sex); the order of
    `history` does not matter.
    """
    changes: Counter[tuple[Group, datetime]] = Counter()
    status: AccreditationStatus | None = None
    function, region = None, None
    before: list[Group] = []
    for event in sorted(history, key=attrgetter("effective_at", "id")):
        if isinstance(event, Step):
            status = event.status
        else:
            function, region = event.function, event.region
        if status is None:
            continue
        stands = row._replace(status=status, function=function, region=region)
        after = [group for group in stands.groups() if is_figure(group)]
        quarter = quarter_of(event.effective_at)
        for group in before:
            changes[group, quarter] -= 1
        for group in after:
            changes[group, quarter] += 1
        before = after
    return changes
