"""The figures that are said aloud: what each counts, and how to recount them from the history.

`recount` is written apart from the SQL of `queries` on purpose: two ways to the same number.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tracker.accreditation.models import AccreditationStatus, Dimension, Function
from tracker.accreditation.rules import LIVE_STATUSES, counts_as_observer, status_from
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_


class Standing(NamedTuple):
    """One accreditation as of a moment: all that a figure needs to know of it."""

    status: AccreditationStatus
    function: Function | None
    region: str | None
    sender: str  # acronym or name of an organization; ISO 3166-1 alpha-2 code of a State
    is_state: bool
    citizenship: str | None
    sex: str | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Every figure of one election as of one moment of effect, as known at one of record."""

    election: str
    time_zone: str
    as_of: datetime | None
    known_at: datetime | None
    by_organization: Mapping[str, int] = field(default_factory=dict)
    by_state: Mapping[str, int] = field(default_factory=dict)
    by_citizenship: Mapping[str, int] = field(default_factory=dict)
    by_function: Mapping[str, int] = field(default_factory=dict)
    by_sex: Mapping[str, int] = field(default_factory=dict)
    by_region: Mapping[str, int] = field(default_factory=dict)
    pipeline: Mapping[str, int] = field(default_factory=dict)

    @property
    def observers(self) -> int:
        """Accreditations with status accredited at that moment, observers only."""
        return self.observers_from_organizations + self.observers_from_states

    @property
    def observers_from_organizations(self) -> int:
        """Those of them sent by organizations."""
        return sum(self.by_organization.values())

    @property
    def observers_from_states(self) -> int:
        """Those of them sent by the State itself."""
        return sum(self.by_state.values())

    @property
    def organizations(self) -> int:
        """Organizations other than foreign states with at least one observer."""
        return len(self.by_organization)

    @property
    def states(self) -> int:
        """Foreign states with at least one observer sent by the State itself."""
        return len(self.by_state)

    @property
    def citizenships(self) -> int:
        """Distinct citizenships among the observers."""
        return len(self.by_citizenship)

    @property
    def awaiting_decision(self) -> int:
        """Submitted and not decided yet."""
        return self.pipeline.get(AccreditationStatus.SUBMITTED.value, 0)

    def as_dict(self) -> dict[str, Any]:
        """The figures as named, ready for JSON; moments with the election's local offset."""
        zone = ZoneInfo(self.time_zone)
        numbers = (
            "observers",
            "organizations",
            "states",
            "observers_from_organizations",
            "observers_from_states",
            "citizenships",
        )
        moments = {
            name: moment.astimezone(zone).isoformat() if moment else None
            for name, moment in (("as_of", self.as_of), ("known_at", self.known_at))
        }
        return (
            {"election": self.election}
            | moments
            | {name: getattr(self, name) for name in numbers}
            | {name: dict(getattr(self, name)) for name in GROUPS}
        )


GROUPS = (
    "by_organization",
    "by_state",
    "by_citizenship",
    "by_function",
    "by_sex",
    "by_region",
    "pipeline",
)
GROUP_OF = {
    Dimension.FUNCTION: "by_function",
    Dimension.CITIZENSHIP: "by_citizenship",
    Dimension.SEX: "by_sex",
    Dimension.REGION: "by_region",
}


class Sums:
    """What the figures are made of, added up and taken off; support staff never count."""

    def __init__(self) -> None:
        self._groups: dict[str, Counter[str]] = {name: Counter() for name in GROUPS}

    def add(self, standing: Standing, number: int = 1) -> None:
        """So many accreditations that stand so; `pipeline` counts live ones by status."""
        if not counts_as_observer(standing.function):
            return
        self._groups["pipeline"][standing.status] += number
        if standing.status is not AccreditationStatus.ACCREDITED:
            return
        self.add_sent(standing.sender, is_state=standing.is_state, number=number)
        for name, value in (
            ("by_citizenship", standing.citizenship),
            ("by_function", standing.function),
            ("by_sex", standing.sex),
            ("by_region", standing.region),
        ):
            self._groups[name][value or ""] += number

    def add_sent(self, sender: str, *, is_state: bool, number: int) -> None:
        """So many accredited observers of a sender."""
        self._groups["by_state" if is_state else "by_organization"][sender] += number

    def add_count(
        self, dimension: Dimension, status: AccreditationStatus, key: str, number: int
    ) -> None:
        """One row of `accreditation_counts`, of any dimension but the delegation."""
        if dimension is Dimension.FUNCTION:
            if key and not counts_as_observer(Function(key)):
                return
            self._groups["pipeline"][status] += number
        if status is AccreditationStatus.ACCREDITED:
            self._groups[GROUP_OF[dimension]][key] += number

    def figures(
        self,
        *,
        election: str,
        time_zone: str,
        as_of: datetime | None,
        known_at: datetime | None,
    ) -> Figures:
        """The figures, the largest group first; what is not known makes no group."""
        pipeline = self._groups["pipeline"]
        return Figures(
            election=election,
            time_zone=time_zone,
            as_of=as_of,
            known_at=known_at,
            pipeline={
                status.value: pipeline[status]
                for status in AccreditationStatus
                if status in LIVE_STATUSES
            },
            **{name: _ranked(self._groups[name]) for name in GROUPS if name != "pipeline"},
        )


def _ranked(counts: Counter[str]) -> dict[str, int]:
    known = ((str(key), count) for key, count in counts.items() if key and count)
    return dict(sorted(known, key=lambda pair: (-pair[1], pair[0])))


class History(NamedTuple):
    """One accreditation with its whole history, as `recount` reads it."""

    transitions: list[Any]
    assignments: list[Any]
    sender: str
    is_state: bool
    citizenship: str | None
    sex: str | None


def standing_of(
    history: History, *, as_of: datetime | None, known_at: datetime | None
) -> Standing | None:
    """What the history says of one accreditation as of a moment; None before it began."""
    status = status_from(history.transitions, as_of=as_of, known_at=known_at)
    if status is None:
        return None
    in_force = max(
        (
            row
            for row in history.assignments
            if (as_of is None or row.effective_at <= as_of)
            and (known_at is None or row.recorded_at <= known_at)
        ),
        key=lambda row: (row.effective_at, row.id),
        default=None,
    )
    return Standing(
        status,
        in_force.function if in_force else None,
        in_force.region if in_force else None,
        history.sender,
        history.is_state,
        history.citizenship,
        history.sex,
    )


def parse_local(text: str, time_zone: str) -> datetime:
    """A moment from ISO 8601; without an offset it is local time of `time_zone`.

    A time that the clocks skipped counts with the offset before the change, one that they showed
    twice as the earlier (PEP 495, fold 0). Raises `Refused` where it is no moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            N_("%(text)s is not a moment: write it like 2022-11-08T23:59."),
            field="as_of",
            text=text,
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))
