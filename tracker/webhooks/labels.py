"""What events, messages and their failures are called on a page."""

from tracker.kernel.i18n import N_
from tracker.webhooks.models import DeliveryFailure, DeliveryStatus, EventKind, OffReason

EVENTS = {
    EventKind.OBSERVER_REGISTERED: N_("Observer registered"),
    EventKind.SUBMISSION_MADE: N_("Submission made"),
    EventKind.ACCREDITATION_ACCREDITED: N_("Observer accredited"),
    EventKind.ACCREDITATION_REFUSED: N_("Accreditation refused"),
    EventKind.ACCREDITATION_RETURNED: N_("Candidate returned for correction"),
    EventKind.ACCREDITATION_WITHDRAWN: N_("Accreditation withdrawn"),
    EventKind.ACCREDITATION_REVOKED: N_("Accreditation revoked"),
    EventKind.ACCREDITATION_EXPIRED: N_("Accreditation expired"),
    EventKind.CERTIFICATE_ISSUED: N_("Certificate issued"),
    EventKind.CERTIFICATE_LOST: N_("Certificate lost"),
    EventKind.CERTIFICATE_REPLACED: N_("Certificate replaced"),
    EventKind.CERTIFICATE_VOIDED: N_("Certificate voided"),
    EventKind.MEETING_SCHEDULED: N_("Meeting scheduled"),
    EventKind.MEETING_CHANGED: N_("Meeting changed"),
    EventKind.MEETING_CANCELLED: N_("Meeting cancelled"),
    EventKind.BULLETIN_PUBLISHED: N_("Bulletin published"),
    EventKind.PRESS_NOTE_PUBLISHED: N_("Press note published"),
}
PING = N_("Test message")

STATUSES = {
    DeliveryStatus.QUEUED: N_("Queued"),
    DeliveryStatus.DELIVERED: N_("Delivered"),
    DeliveryStatus.FAILED: N_("Not delivered"),
}
TONES = {
    DeliveryStatus.QUEUED: "go",
    DeliveryStatus.DELIVERED: "ok",
    DeliveryStatus.FAILED: "bad",
}
FAILURES = {
    DeliveryFailure.UNREACHABLE: N_("The receiver does not answer."),
    DeliveryFailure.FORBIDDEN_ADDRESS: N_("Its name leads into a private network."),
    DeliveryFailure.INSECURE: N_("No safe connection: check the receiver’s certificate."),
    DeliveryFailure.TOO_SLOW: N_("The receiver took longer than ten seconds."),
    DeliveryFailure.REDIRECTED: N_("The receiver leads to another address, which is not followed."),
    DeliveryFailure.REFUSED: N_("The receiver did not take it."),
    DeliveryFailure.GONE: N_("The receiver says that it is gone for good."),
    DeliveryFailure.UNEXPECTED: N_("Something unexpected stopped the message."),
    DeliveryFailure.WAITED_TOO_LONG: N_("The message waited longer than seven days."),
    DeliveryFailure.SWITCHED_OFF: N_("The receiver was switched off before."),
}
OFF = {
    OffReason.ASKED: N_("switched off by an administrator"),
    OffReason.GONE: N_("switched off: it said that it is gone for good"),
    OffReason.FAILING: N_("switched off: nothing had reached it for five days"),
}
