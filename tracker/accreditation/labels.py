"""What statuses, steps, functions and grounds are called; the tone goes with a glyph and a word."""

from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.accreditation.rules import MISSING_LABELS
from tracker.kernel.i18n import N_

STATUSES = {
    AccreditationStatus.DRAFT: N_("Draft"),
    AccreditationStatus.REGISTERED: N_("Registered"),
    AccreditationStatus.SUBMITTED: N_("Submitted"),
    AccreditationStatus.ACCREDITED: N_("Accredited"),
    AccreditationStatus.REFUSED: N_("Refused"),
    AccreditationStatus.WITHDRAWN: N_("Withdrawn"),
    AccreditationStatus.REVOKED: N_("Revoked"),
    AccreditationStatus.EXPIRED: N_("Expired"),
}
# Why identity is not changed (`rules.IDENTITY_EDITABLE`).
LOCKED = N_(
    "This observer has been submitted: names, date of birth and document are not changed any "
    "more. The commission returns the candidate first."
)

TONES = {
    AccreditationStatus.DRAFT: "mute",
    AccreditationStatus.REGISTERED: "go",
    AccreditationStatus.SUBMITTED: "go",
    AccreditationStatus.ACCREDITED: "ok",
    AccreditationStatus.REFUSED: "bad",
    AccreditationStatus.WITHDRAWN: "mute",
    AccreditationStatus.REVOKED: "bad",
    AccreditationStatus.EXPIRED: "mute",
}

FUNCTIONS = {
    Function.HEAD: N_("Head of delegation"),
    Function.DEPUTY_HEAD: N_("Deputy head"),
    Function.CORE_TEAM: N_("Core team"),
    Function.LONG_TERM_OBSERVER: N_("Long-term observer"),
    Function.SHORT_TERM_OBSERVER: N_("Short-term observer"),
    Function.EXPERT: N_("Expert"),
    Function.INTERPRETER: N_("Interpreter (support staff)"),
    Function.ASSISTANT: N_("Assistant (support staff)"),
    Function.DRIVER: N_("Driver (support staff)"),
}

GROUNDS = {
    Ground.LATE: N_("Presented late"),
    Ground.INCOMPLETE: N_("Incomplete documents"),
    Ground.DUPLICATE: N_("Duplicate"),
    Ground.DOCUMENT_INVALID: N_("Travel document not valid"),
    Ground.ORGANIZATION_NOT_INVITED: N_("Organization not invited"),
    Ground.INTERFERENCE: N_("Interference in the electoral process"),
    Ground.OWN_REQUEST: N_("Own request"),
    Ground.REPLACED: N_("Replaced by another observer"),
    Ground.DECEASED: N_("Deceased"),
    Ground.OTHER: N_("Other"),
}

DECISIONS = {
    "accredited": N_("Accredit"),
    "refused": N_("Refuse"),
    "returned": N_("Return for correction"),
}

MISSING = MISSING_LABELS
