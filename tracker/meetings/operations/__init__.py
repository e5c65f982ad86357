"""What a user does to meetings and to requests for them: one verb each."""

from tracker.meetings.operations.booking import MeetingDetails, in_the_way
from tracker.meetings.operations.invitations import invite, invite_to_all, invitees
from tracker.meetings.operations.meetings import (
    cancel_meeting,
    change_meeting,
    confirm_meeting,
    mark_held,
    record_meeting,
    schedule_meeting,
)
from tracker.meetings.operations.plans import (
    PlanDetails,
    PlanRefused,
    accept_plan,
    change_row,
    drop_plan,
    start_plan,
    stop_plan,
)
from tracker.meetings.operations.record import (
    Record,
    add_follow_up,
    attach_document,
    finish_follow_up,
    keep_record,
)
from tracker.meetings.operations.requests import (
    RequestDetails,
    answer_request,
    change_request,
    confirm_request,
    request_meeting,
    settle_request,
)

__all__ = [
    "MeetingDetails",
    "PlanDetails",
    "PlanRefused",
    "Record",
    "RequestDetails",
    "accept_plan",
    "add_follow_up",
    "answer_request",
    "attach_document",
    "cancel_meeting",
    "change_meeting",
    "change_request",
    "change_row",
    "confirm_meeting",
    "confirm_request",
    "drop_plan",
    "finish_follow_up",
    "in_the_way",
    "invite",
    "invite_to_all",
    "invitees",
    "keep_record",
    "mark_held",
    "record_meeting",
    "request_meeting",
    "schedule_meeting",
    "settle_request",
    "start_plan",
    "stop_plan",
]
