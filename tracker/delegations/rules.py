"""A delegation's life as a table, what format is usual, and who heads it on a day."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from tracker.delegations.models import DelegationFormat, DelegationStatus
from tracker.organizations.models import OrganizationKind

S = DelegationStatus

# A sender that declined, or never answered, may still answer otherwise: invitations are renewed.
NEXT: dict[DelegationStatus | None, tuple[DelegationStatus, ...]] = {
    None: (S.INVITED,),
    S.INVITED: (S.ACCEPTED, S.DECLINED, S.NO_ANSWER),
    S.NO_ANSWER: (S.ACCEPTED, S.DECLINED),
    S.DECLINED: (S.ACCEPTED,),
    S.ACCEPTED: (S.ANNOUNCED, S.DECLINED),
    S.ANNOUNCED: (S.ACCREDITING,),
    S.ACCREDITING: (S.IN_COUNTRY,),
    S.IN_COUNTRY: (S.DEPARTED,),
    S.DEPARTED: (S.REPORTED,),
    S.REPORTED: (),
}
UNANSWERED = frozenset({S.INVITED, S.NO_ANSWER})  # whether they will come is still to be asked
NEEDS_NOTE_VERBALE = frozenset({S.ANNOUNCED, S.ACCREDITING, S.IN_COUNTRY, S.DEPARTED, S.REPORTED})


# What a sender of these kinds sends; of any other kind nobody can know before it says so.
USUAL_FORMATS = {
    OrganizationKind.FOREIGN_STATE: DelegationFormat.STATE,
    OrganizationKind.PARLIAMENTARY_ASSEMBLY: DelegationFormat.PARLIAMENTARY,
}


def may_become(old: DelegationStatus | None, new: DelegationStatus) -> bool:
    """Whether the table leads from `old` to `new` in one step."""
    return new in NEXT[old]


class Dated(Protocol):
    """A row that is in force from a day on."""

    id: int
    effective_on: date


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], on: date) -> Row | None:
    """The row in force on a day: the latest that has begun, the last entered of equals."""
    begun = [row for row in rows if row.effective_on <= on]
    return max(begun, key=lambda row: (row.effective_on, row.id), default=None)
