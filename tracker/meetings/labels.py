"""What kinds and statuses of meetings are called."""

from tracker.kernel.i18n import N_
from tracker.meetings.models import MeetingKind, MeetingStatus

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
