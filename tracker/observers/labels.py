"""What sexes and travel documents are called."""

from tracker.kernel.i18n import N_
from tracker.observers.models import DocumentType, DuplicateVerdict, Sex

SEXES = {Sex.FEMALE: N_("Female"), Sex.MALE: N_("Male"), Sex.UNSPECIFIED: N_("Unspecified")}

DOCUMENTS = {
    DocumentType.PASSPORT: N_("Passport"),
    DocumentType.DIPLOMATIC_PASSPORT: N_("Diplomatic passport"),
    DocumentType.SERVICE_PASSPORT: N_("Service passport"),
    DocumentType.LAISSEZ_PASSER: N_("Laissez-passer"),
    DocumentType.IDENTITY_CARD: N_("Identity card"),
    DocumentType.OTHER: N_("Other document"),
}

VERDICTS = {
    DuplicateVerdict.SAME: N_("One person"),
    DuplicateVerdict.DUAL_NATIONAL: N_("One person, two passports"),
    DuplicateVerdict.DIFFERENT: N_("Two persons"),
}
