"""What kinds, priorities, statuses and steps of assistance requests are called."""

from tracker.kernel.i18n import N_
from tracker.logistics.models.assistance import AssistanceKind, AssistanceStatus, Priority

KINDS = {
    AssistanceKind.VISA: N_("Visa"),
    AssistanceKind.TRANSPORT: N_("Transport"),
    AssistanceKind.INTERPRETER: N_("Interpreter"),
    AssistanceKind.ACCOMMODATION: N_("Accommodation"),
    AssistanceKind.ACCESS: N_("Access"),
    AssistanceKind.LOST_CERTIFICATE: N_("Lost certificate"),
    AssistanceKind.SECURITY: N_("Security"),
    AssistanceKind.INFORMATION: N_("Information"),
    AssistanceKind.OTHER: N_("Something else"),
}
PRIORITIES = {
    Priority.URGENT: N_("Urgent – within an hour"),
    Priority.HIGH: N_("High – within 4 hours"),
    Priority.NORMAL: N_("Normal – within a day"),
    Priority.LOW: N_("Low – within three days"),
}
PRIORITY_WORDS = {
    Priority.URGENT: N_("urgent"),
    Priority.HIGH: N_("high"),
    Priority.NORMAL: N_("normal"),
    Priority.LOW: N_("low"),
}
STATUSES = {
    AssistanceStatus.NEW: N_("Not assigned"),
    AssistanceStatus.ASSIGNED: N_("Assigned"),
    AssistanceStatus.IN_PROGRESS: N_("In progress"),
    AssistanceStatus.WAITING: N_("Waiting for the delegation"),
    AssistanceStatus.DONE: N_("Done"),
    AssistanceStatus.DECLINED: N_("Declined"),
    AssistanceStatus.CANCELLED: N_("Cancelled"),
}
TONES = {
    AssistanceStatus.NEW: "warn",
    AssistanceStatus.ASSIGNED: "go",
    AssistanceStatus.IN_PROGRESS: "go",
    AssistanceStatus.WAITING: "mute",
    AssistanceStatus.DONE: "ok",
    AssistanceStatus.DECLINED: "bad",
    AssistanceStatus.CANCELLED: "mute",
}
