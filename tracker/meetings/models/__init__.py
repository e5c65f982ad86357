"""Meetings as stored: what is asked for, what is booked, what is planned, who may read it."""

from tracker.meetings.models.calendar import CalendarAddress, CalendarKind
from tracker.meetings.models.meeting import (
    FollowUp,
    Meeting,
    MeetingBooking,
    MeetingDocument,
    MeetingKind,
    MeetingParticipant,
    MeetingStatus,
    meeting_delegations,
    meeting_officials,
)
from tracker.meetings.models.plan import MeetingPlan, PlanRow, PlanStatus
from tracker.meetings.models.request import MeetingRequest, RequestStatus, RequestStep, Whom

__all__ = [
    "CalendarAddress",
    "CalendarKind",
    "FollowUp",
    "Meeting",
    "MeetingBooking",
    "MeetingDocument",
    "MeetingKind",
    "MeetingParticipant",
    "MeetingPlan",
    "MeetingRequest",
    "MeetingStatus",
    "PlanRow",
    "PlanStatus",
    "RequestStatus",
    "RequestStep",
    "Whom",
    "meeting_delegations",
    "meeting_officials",
]
