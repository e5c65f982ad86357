"""What certificates, their steps, keys and verdicts are called; the tone goes with a word."""

from tracker.accreditation.models import Function
from tracker.credentials.models import (
    BatchStatus,
    BatchTask,
    CertificateKind,
    CertificateStatus,
    KeyPurpose,
    PaperKind,
)
from tracker.credentials.rules import Reason, Step, Verdict
from tracker.kernel.i18n import N_

STATUSES = {
    CertificateStatus.ISSUED: N_("Issued"),
    CertificateStatus.PRINTED: N_("Printed"),
    CertificateStatus.HANDED_OVER: N_("Handed over"),
    CertificateStatus.RETURNED: N_("Returned"),
    CertificateStatus.LOST: N_("Lost"),
    CertificateStatus.REPLACED: N_("Replaced"),
    CertificateStatus.VOID: N_("Void"),
}

TONES = {
    CertificateStatus.ISSUED: "go",
    CertificateStatus.PRINTED: "go",
    CertificateStatus.HANDED_OVER: "ok",
    CertificateStatus.RETURNED: "mute",
    CertificateStatus.LOST: "bad",
    CertificateStatus.REPLACED: "mute",
    CertificateStatus.VOID: "bad",
}

STEPS = {
    Step.PRINT: N_("Print"),
    Step.HAND_OVER: N_("Hand over"),
    Step.RETURN: N_("Take back"),
    Step.LOSE: N_("Report lost"),
    Step.REPLACE: N_("Reissue"),
    Step.VOID: N_("Declare void"),
}

KINDS = {
    CertificateKind.OBSERVER: N_("Observer’s certificate"),
    CertificateKind.SUPPORT: N_("Support certificate"),
}

PAPERS = {
    PaperKind.BADGES: N_("A6 badges, one a page"),
    PaperKind.SHEETS: N_("A6 badges, four on an A4 sheet"),
    PaperKind.CERTIFICATES: N_("A4 certificates"),
}

TASKS = {
    BatchTask.ISSUE: N_("Issue certificates"),
    BatchTask.PRINT: N_("Print"),
}

BATCH_STATUSES = {
    BatchStatus.WAITING: N_("Waiting"),
    BatchStatus.RUNNING: N_("Under way"),
    BatchStatus.DONE: N_("Done"),
    BatchStatus.FAILED: N_("Failed"),
}

PURPOSES = {
    KeyPurpose.CERTIFICATES: N_("Certificates"),
    KeyPurpose.LISTS: N_("Lists for verifiers"),
}

# One word on the colour band of a badge, read at two metres.
BADGE_FUNCTIONS = {
    Function.HEAD: N_("HEAD OF DELEGATION"),
    Function.DEPUTY_HEAD: N_("DEPUTY HEAD"),
    Function.CORE_TEAM: N_("CORE TEAM"),
    Function.LONG_TERM_OBSERVER: N_("LONG-TERM OBSERVER"),
    Function.SHORT_TERM_OBSERVER: N_("SHORT-TERM OBSERVER"),
    Function.EXPERT: N_("EXPERT"),
    Function.INTERPRETER: N_("INTERPRETER"),
    Function.ASSISTANT: N_("ASSISTANT"),
    Function.DRIVER: N_("DRIVER"),
}

VERDICTS = {
    Verdict.VALID: N_("Valid"),
    Verdict.NOT_VALID: N_("Not valid"),
    Verdict.CANNOT_TELL: N_("Cannot tell"),
}

REASONS = {
    Reason.NOT_A_CERTIFICATE: N_("This is not the code of an observer’s certificate."),
    Reason.ALTERED: N_("The code was altered: it is not what the Ministry signed."),
    Reason.UNKNOWN_KEY: N_("The Ministry did not sign this code."),
    Reason.KEY_LOST: N_("It was signed with a key that the Ministry has declared lost."),
    Reason.OTHER_ELECTION: N_("The certificate is for another election."),
    Reason.NOT_YET_VALID: N_("The certificate is not valid yet."),
    Reason.EXPIRED: N_("The certificate has expired."),
    Reason.REVOKED: N_("The accreditation was revoked."),
    Reason.WITHDRAWN: N_("The accreditation was withdrawn."),
    Reason.REPLACED: N_("The certificate was replaced by a newer one."),
    Reason.LOST: N_("The certificate was reported lost."),
    Reason.RETURNED: N_("The certificate was given back."),
    Reason.VOID: N_("The certificate was declared void."),
    Reason.UNKNOWN_NUMBER: N_("There is no certificate of this number."),
    Reason.INCOMPLETE_NUMBER: N_("Type the whole number, with the letters after the dash."),
    Reason.NO_KEYS: N_("This device has not loaded the Ministry’s keys yet: connect it once."),
    Reason.KEYS_TOO_OLD: N_(
        "The code was signed with a key that this device does not know yet: connect it and try "
        "again."
    ),
    Reason.NO_LIST: N_("This device has not loaded the list of revocations yet: connect it once."),
    Reason.LIST_TOO_OLD: N_(
        "The list of revocations on this device is older than a day: connect it and try again."
    ),
    Reason.CLOCK_BEHIND: N_("The clock of this device is behind: set it and try again."),
}
