"""What kinds, statuses and steps of meetings and requests are called."""

from tracker.kernel.i18n import N_
from tracker.meetings.models import (
    CalendarKind,
    MeetingKind,
    MeetingStatus,
    PlanStatus,
    RequestStatus,
    Whom,
)

KINDS = {
    MeetingKind.BILATERAL: N_("Meeting with delegations"),
    MeetingKind.BRIEFING: N_("Briefing for heads of missions"),
}
STATUSES = {
    MeetingStatus.PROPOSED: N_("Proposed"),
    MeetingStatus.SCHEDULED: N_("Scheduled"),
    MeetingStatus.HELD: N_("Held"),
    MeetingStatus.CANCELLED: N_("Cancelled"),
}
TONES = {
    MeetingStatus.PROPOSED: "warn",
    MeetingStatus.SCHEDULED: "go",
    MeetingStatus.HELD: "ok",
    MeetingStatus.CANCELLED: "mute",
}

REQUEST_STATUSES = {
    RequestStatus.RECEIVED: N_("Received"),
    RequestStatus.PROPOSED: N_("Time proposed"),
    RequestStatus.CONFIRMED: N_("Confirmed"),
    RequestStatus.MOVED: N_("Moved"),
    RequestStatus.HELD: N_("Meeting held"),
    RequestStatus.DECLINED: N_("Declined"),
    RequestStatus.CANCELLED: N_("Taken back"),
}
REQUEST_TONES = {
    RequestStatus.RECEIVED: "warn",
    RequestStatus.PROPOSED: "go",
    RequestStatus.CONFIRMED: "ok",
    RequestStatus.MOVED: "ok",
    RequestStatus.HELD: "ok",
    RequestStatus.DECLINED: "bad",
    RequestStatus.CANCELLED: "mute",
}
WHOM = {
    Whom.OFFICIAL: N_("This official only"),
    Whom.DEPUTY: N_("This official or a deputy"),
    Whom.INSTITUTION: N_("Anybody of the institution"),
}
PRIORITIES = {
    1: N_("1 – most urgent"),
    2: N_("2 – urgent"),
    3: N_("3 – usual"),
    4: N_("4 – can wait"),
    5: N_("5 – if there is time"),
}

PLAN_STATUSES = {
    PlanStatus.QUEUED: N_("Queued"),
    PlanStatus.RUNNING: N_("Being made"),
    PlanStatus.READY: N_("Ready"),
    PlanStatus.ACCEPTED: N_("Accepted"),
    PlanStatus.DROPPED: N_("Dropped"),
    PlanStatus.FAILED: N_("Failed"),
}
PLAN_TONES = {
    PlanStatus.QUEUED: "warn",
    PlanStatus.RUNNING: "go",
    PlanStatus.READY: "go",
    PlanStatus.ACCEPTED: "ok",
    PlanStatus.DROPPED: "mute",
    PlanStatus.FAILED: "bad",
}

CALENDAR_KINDS = {
    CalendarKind.ELECTION: N_("All meetings"),
    CalendarKind.OFFICIAL: N_("Official"),
    CalendarKind.DELEGATION: N_("Delegation"),
    CalendarKind.HALL: N_("Hall"),
    CalendarKind.INTERPRETER: N_("Interpreter"),
    CalendarKind.USER: N_("User"),
}
