"""Meetings, requests for them, and where a calendar reads them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from tracker.api.shapes.common import (
    AskedFlag,
    AskedId,
    Day,
    Id,
    Listed,
    Moment,
    Names,
    PageQuery,
    Shape,
    line,
    lines,
)
from tracker.meetings.models import MeetingKind, MeetingStatus, RequestStatus, Whom

Language = Annotated[
    str, StringConstraints(pattern="^[a-z]{2}$"), Field(description="To interpret, ISO 639-1")
]
MOST_DAYS = 15
MOST_AT_TABLE = 100


class MeetingQuery(PageQuery):
    """Which meetings."""

    day: Day | None = None
    official: AskedId | None = None
    delegation: AskedId | None = None
    status: MeetingStatus | None = None


class Meeting(Shape):
    """One meeting: when, where, who."""

    id: int
    kind: MeetingKind
    status: MeetingStatus
    title: str
    starts_at: datetime
    ends_at: datetime
    hall: Names | None
    place: str | None
    language: str | None
    official_ids: list[int]
    delegation_ids: list[int]
    agenda: str | None
    cancelled_because: str | None


class MeetingList(Listed[Meeting]):
    """Meetings by time."""


class NewMeeting(Shape):
    """When, where, whom and about what; what stands against it is said, all at once."""

    kind: MeetingKind = MeetingKind.BILATERAL
    title: line(200, least=1)  # type: ignore[valid-type]
    starts_at: Moment
    ends_at: Moment
    official_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_TABLE)]
    delegation_ids: Annotated[list[Id], Field(max_length=MOST_AT_TABLE)] = []
    hall_id: Id | None = None
    place: line(200) | None = None  # type: ignore[valid-type]
    people: Annotated[StrictInt, Field(ge=1, le=500)] | None = None
    language: Language | None = None
    interpreter_id: Id | None = None
    agenda: lines(2_000) | None = None  # type: ignore[valid-type]
    answers_request: Id | None = Field(
        default=None, description="The request for a meeting that is so answered"
    )


class Cancellation(Shape):
    """Why a meeting is cancelled, and whether the requests that it answers are open again."""

    reason: lines(500, least=1)  # type: ignore[valid-type]
    reopens_requests: StrictBool = True


class MeetingRequestQuery(PageQuery):
    """Which requests for meetings."""

    status: RequestStatus | None = None
    delegation: AskedId | None = None
    is_open: AskedFlag = False


class MeetingRequest(Shape):
    """What a delegation asks for, and what became of it."""

    id: int
    delegation_id: int
    status: RequestStatus
    whom: Whom
    official_id: int | None
    institution_id: int | None
    topics: str
    days: list[date]
    length_minutes: int
    language: str | None
    people: int
    needs_hall: bool
    priority: int
    meeting_id: int | None
    created_at: datetime
    created_by: str


class MeetingRequestList(Listed[MeetingRequest]):
    """Requests for meetings, the newest first."""


class NewMeetingRequest(Shape):
    """Whom a delegation wants to meet, and about what."""

    delegation_id: Id
    whom: Whom
    official_id: Id | None = None
    institution_id: Id | None = None
    topics: lines(500, least=1)  # type: ignore[valid-type]
    days: Annotated[list[Day], Field(max_length=MOST_DAYS)] = []
    length_minutes: Annotated[StrictInt, Field(ge=5, le=720)] = 45
    language: Language | None = None
    people: Annotated[StrictInt, Field(ge=1, le=500)] = 3
    needs_hall: StrictBool = False
    priority: Annotated[StrictInt, Field(ge=1, le=5, description="1 is the highest")] = 3


class CalendarAddress(Shape):
    """Where a calendar is read; whoever has the address reads it."""

    address: str
