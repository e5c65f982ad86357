"""What kinds and statuses of meetings are called."""

from tracker.kernel.i18n import N_
from tracker.meetings.models import CalendarKind, MeetingKind, MeetingStatus

KINDS = {
    MeetingKind.BILATERAL: N_("Meeting with delegations"),
    MeetingKind.BRIEFING: N_("Briefing for heads of missions"),
}
STATUSES = {
    MeetingStatus.SCHEDULED: N_("Scheduled"),
    MeetingStatus.HELD: N_("Held"),
    MeetingStatus.CANCELLED: N_("Cancelled"),
}
TONES = {
    MeetingStatus.SCHEDULED: "go",
    MeetingStatus.HELD: "ok",
    MeetingStatus.CANCELLED: "mute",
}

CALENDAR_KINDS = {
    CalendarKind.ELECTION: N_("All meetings"),
    CalendarKind.OFFICIAL: N_("Official"),
    CalendarKind.DELEGATION: N_("Delegation"),
    CalendarKind.HALL: N_("Hall"),
}
