"""What states and figures of publications are called; the tone goes with a word."""

from tracker.kernel.i18n import N_
from tracker.publications.models import PublicationStatus

STATUSES = {
    PublicationStatus.DRAFT: N_("Draft"),
    PublicationStatus.APPROVED: N_("Approved"),
    PublicationStatus.PUBLISHED: N_("Published"),
    PublicationStatus.DISCARDED: N_("Discarded"),
}

TONES = {
    PublicationStatus.DRAFT: "go",
    PublicationStatus.APPROVED: "warn",
    PublicationStatus.PUBLISHED: "ok",
    PublicationStatus.DISCARDED: "mute",
}

FIGURES = {
    "observers": N_("observers"),
    "organizations": N_("international organizations"),
    "states": N_("foreign states"),
    "observers_from_organizations": N_("observers of international organizations"),
    "observers_from_states": N_("observers of foreign states"),
}
