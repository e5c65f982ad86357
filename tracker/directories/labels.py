"""What fields of directories and outcomes of rows are called."""

from tracker.directories.intake import Directory
from tracker.kernel.i18n import N_

FIELDS = {
    "name_en": N_("Name in English"),
    "name_ru": N_("Name in Russian"),
    "name_kk": N_("Name in Kazakh"),
    "position_en": N_("Position in English"),
    "position_ru": N_("Position in Russian"),
    "position_kk": N_("Position in Kazakh"),
    "institution_id": N_("Institution"),
    "precedence": N_("Order"),
    "deputy_of_id": N_("Deputy of"),
    "is_active": N_("In office"),
    "assistant_contact": N_("Assistant’s contact"),
    "assistant_email": N_("Assistant’s e-mail address"),
    "address": N_("Address"),
    "time_zone": N_("Time zone"),
    "kind": N_("Kind"),
    "acronym": N_("Acronym in English"),
    "acronym_ru": N_("Acronym in Russian"),
    "acronym_kk": N_("Acronym in Kazakh"),
    "seat_country": N_("Country of the seat"),
}
DIRECTORIES = {
    Directory.OFFICIALS: N_("Officials"),
    Directory.INSTITUTIONS: N_("Institutions"),
    Directory.ORGANIZATIONS: N_("Organizations"),
}
STATUSES = {
    "new": (N_("New"), "ok"),
    "changed": (N_("Changes"), "warn"),
    "same": (N_("As stored"), "mute"),
    "problem": (N_("Problem"), "bad"),
}
