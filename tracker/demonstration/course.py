"""The course of an invented national election: how far each accreditation comes, and when.

What becomes of the n-th observer is a function of n, so that nothing need be remembered and an
election of any number is the same wherever it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.kernel import clock

ZONE = "Asia/Almaty"
FIRST_DAY = date(2022, 9, 23)
DAYS = 40  # on which people are entered; the last steps come ten days later
LARGEST = 2_000  # candidates of a submission
S = AccreditationStatus
FATES = (
    *[S.ACCREDITED] * 70,
    *[S.SUBMITTED] * 9,
    *[S.REGISTERED] * 7,
    *[S.DRAFT] * 4,
    *[S.REFUSED] * 3,
    *[S.WITHDRAWN] * 3,
    S.REVOKED,
)
WAY = (S.DRAFT, S.REGISTERED, S.SUBMITTED)
WAYS = {
    S.DRAFT: WAY[:1],
    S.REGISTERED: WAY[:2],
    S.SUBMITTED: WAY,
    S.ACCREDITED: (*WAY, S.ACCREDITED),
    S.REFUSED: (*WAY, S.REFUSED),
    S.WITHDRAWN: (*WAY, S.ACCREDITED, S.WITHDRAWN),
    S.REVOKED: (*WAY, S.ACCREDITED, S.REVOKED),
}
# Days after the first one, and the local hour; a draft and its registering have their minute.
LATER = {
    S.SUBMITTED: (1, time(17)),
    S.ACCREDITED: (3, time(15)),
    S.REFUSED: (3, time(15)),
    S.WITHDRAWN: (7, time(11)),
    S.REVOKED: (9, time(12)),
}
GROUNDS = {
    S.REFUSED: Ground.INCOMPLETE,
    S.WITHDRAWN: Ground.OWN_REQUEST,
    S.REVOKED: Ground.INTERFERENCE,
}
FUNCTIONS = (
    *[Function.SHORT_TERM_OBSERVER] * 62,
    *[Function.LONG_TERM_OBSERVER] * 19,
    *[Function.EXPERT] * 7,
    *[Function.CORE_TEAM] * 4,
    *[Function.INTERPRETER] * 4,
    *[Function.ASSISTANT] * 2,
    *[Function.DRIVER] * 2,
)


class Turn(NamedTuple):
    """What becomes of one observer."""

    status: AccreditationStatus
    delegation_id: int
    function: Function
    region: str | None
    moments: list[datetime]  # of each step on the way to the status
    batch: int  # of which submission and resolution

    @property
    def was_submitted(self) -> bool:
        """Whether the commission has or had it."""
        return len(self.moments) >= len(WAY)


@dataclass
class Course:
    """The course of the election: who stands where, and when each step was taken."""

    delegations: Sequence[int]
    regions: Sequence[str | None]
    number: int

    def __post_init__(self) -> None:
        # A few delegations are large and many are small: sizes fall with the rank.
        shares = list(accumulate(1 / (rank + 8) for rank in range(len(self.delegations))))
        self._drawn = [
            self.delegations[next(i for i, share in enumerate(shares) if share >= asked)]
            for asked in (shares[-1] * (slot + 0.5) / 1024 for slot in range(1024))
        ]
        self._parts = -(-self.number // DAYS // LARGEST) or 1
        self._fixed = {
            (day, status): moment_of(day + later, hour)
            for day in range(DAYS)
            for status, (later, hour) in LATER.items()
        }
        self._minutes = [
            [moment_of(day, time(9 + minute // 60, minute % 60)) for minute in range(480)]
            for day in range(DAYS)
        ]

    def turn(self, place: int) -> Turn:
        """What becomes of the observer `place`, from 0."""
        chance = place * 2_654_435_761 & 0xFFFFFFFF  # Knuth's multiplicative hash
        row, day = divmod(place, DAYS)
        status = FATES[chance % 97]
        draft = self._minutes[day][row % 480]
        moments = [draft, draft + timedelta(minutes=20)]
        moments += [self._fixed[day, step] for step in WAYS[status][2:]]
        return Turn(
            status,
            self._drawn[(chance >> 7) % 1024],
            FUNCTIONS[(chance >> 13) % 100],
            self.regions[(chance >> 17) % len(self.regions)],
            moments[: len(WAYS[status])],
            day * self._parts + min(row // LARGEST, self._parts - 1),
        )

    def decided_at(self, batch: int) -> datetime:
        """When the commission resolved on a submission."""
        return self._fixed[batch // self._parts, S.ACCREDITED]

    def batches(self) -> dict[int, datetime]:
        """The submissions that somebody is in, and when each was made."""
        found: dict[int, datetime] = {}
        for place in range(self.number):
            turn = self.turn(place)
            if turn.was_submitted and turn.batch not in found:
                found[turn.batch] = turn.moments[len(WAY) - 1]
        return dict(sorted(found.items()))


def moment_of(day: int, at: time) -> datetime:
    return clock.local_moment(FIRST_DAY + timedelta(days=day), at, ZONE)
