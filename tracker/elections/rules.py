"""An election's calendar: legal defaults, and the phase that the clock says it is in.

Source of the deadlines: Constitutional Law "On Elections in the Republic of Kazakhstan",
article 20-2: accreditation of observers of foreign states and international organizations ends
at 18:00 local time five days before election day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tracker.elections.models import AnnexColumn
from tracker.kernel.clock import local_moment

CLOSE_DAYS_BEFORE = 6  # five full days lie between the close and election day
CLOSE_TIME = time(18)
DOCUMENT_VALID_DAYS_AFTER = 1  # a travel document is valid through election day + 1


class Phase(StrEnum):
    """Where an election stands."""

    PREPARATION = "preparation"
    ACCREDITATION_OPEN = "accreditation_open"
    CLOSED = "closed"
    ELECTION_DAY = "election_day"
    CLOSED_FOR_GOOD = "closed_for_good"


@dataclass(frozen=True)
class Calendar:
    """The moments of an election that the phase depends on (aware) and its local zone."""

    time_zone: str
    election_on: date
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime


def moment_typed(typed: datetime, time_zone: str, now: datetime) -> datetime:
    """The moment that a person means by a local minute: the present minute means now itself.

    Without this, "now" would lie before whatever was recorded some seconds ago.
    """
    moment = typed.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
    return now if moment <= now < moment + timedelta(minutes=1) else moment


def legal_close(election_on: date, time_zone: str) -> datetime:
    """The default close of accreditation: 18:00 local time on election day minus six."""
    day = election_on - timedelta(days=CLOSE_DAYS_BEFORE)
    return local_moment(day, CLOSE_TIME, time_zone)


def default_open(election_on: date, time_zone: str) -> datetime:
    """The default opening of accreditation: midnight sixty days before election day."""
    return local_moment(election_on - timedelta(days=60), time(0), time_zone)


def default_end(election_on: date, time_zone: str) -> datetime:
    """When accreditations expire by default: the end of the day after election day."""
    return local_moment(election_on + timedelta(days=2), time(0), time_zone)


def document_valid_through(election_on: date) -> date:
    """The last day on which a travel document must still be valid."""
    return election_on + timedelta(days=DOCUMENT_VALID_DAYS_AFTER)


def phase_at(calendar: Calendar, moment: datetime) -> Phase:
    """The phase at `moment`; each boundary belongs to the later phase.

    Election day begins at local midnight and lasts until accreditations expire: the count goes
    on into the next day.
    """
    if moment >= calendar.ends_at:
        return Phase.CLOSED_FOR_GOOD
    day = moment.astimezone(ZoneInfo(calendar.time_zone)).date()
    if day >= calendar.election_on:
        return Phase.ELECTION_DAY
    if moment >= calendar.closes_at:
        return Phase.CLOSED
    return Phase.ACCREDITATION_OPEN if moment >= calendar.opens_at else Phase.PREPARATION


def may_submit(calendar: Calendar, moment: datetime) -> bool:
    """Whether candidates may be submitted: from the opening to the close, both included."""
    return calendar.opens_at <= moment <= calendar.closes_at


USUAL_ANNEX = (
    AnnexColumn.SURNAME,
    AnnexColumn.GIVEN_NAMES,
    AnnexColumn.BIRTH_DATE,
    AnnexColumn.CITIZENSHIP,
    AnnexColumn.DOCUMENT,
    AnnexColumn.DOCUMENT_EXPIRY,
    AnnexColumn.FUNCTION,
    AnnexColumn.SENDER,
)


def annex_columns(stored: str) -> tuple[AnnexColumn, ...]:
    """The columns of the annex as stored (by spaces); the usual ones where nothing is stored."""
    chosen = tuple(AnnexColumn(name) for name in stored.split() if name in set(AnnexColumn))
    return chosen or USUAL_ANNEX
