"""What statuses and formats of delegations are called."""

from tracker.delegations.models import DelegationFormat, DelegationStatus
from tracker.kernel.i18n import N_

STATUSES = {
    DelegationStatus.INVITED: N_("Invited"),
    DelegationStatus.NO_ANSWER: N_("No answer"),
    DelegationStatus.DECLINED: N_("Declined the invitation"),
    DelegationStatus.ACCEPTED: N_("Accepted the invitation"),
    DelegationStatus.ANNOUNCED: N_("Announced"),
    DelegationStatus.ACCREDITING: N_("Accrediting"),
    DelegationStatus.IN_COUNTRY: N_("In the country"),
    DelegationStatus.DEPARTED: N_("Departed"),
    DelegationStatus.REPORTED: N_("Reported"),
}

TONES = {
    DelegationStatus.INVITED: "go",
    DelegationStatus.NO_ANSWER: "warn",
    DelegationStatus.DECLINED: "mute",
    DelegationStatus.ACCEPTED: "go",
    DelegationStatus.ANNOUNCED: "go",
    DelegationStatus.ACCREDITING: "go",
    DelegationStatus.IN_COUNTRY: "ok",
    DelegationStatus.DEPARTED: "mute",
    DelegationStatus.REPORTED: "ok",
}

FORMATS = {
    DelegationFormat.EOM: N_("Election observation mission (EOM)"),
    DelegationFormat.LEOM: N_("Limited election observation mission (LEOM)"),
    DelegationFormat.EAM: N_("Election assessment mission (EAM)"),
    DelegationFormat.EET: N_("Election expert team (EET)"),
    DelegationFormat.PARLIAMENTARY: N_("Parliamentary delegation"),
    DelegationFormat.SHORT_TERM: N_("Short-term mission"),
    DelegationFormat.STATE: N_("Delegation of a State"),
}
