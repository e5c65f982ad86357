"""What senders and their kinds are called."""

from typing import Any

from tracker.kernel.i18n import LANGUAGES, N_, language
from tracker.organizations.models import ACRONYMS, OrganizationKind

KINDS = {
    OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION: N_("Intergovernmental organization"),
    OrganizationKind.PARLIAMENTARY_ASSEMBLY: N_("Parliamentary assembly"),
    OrganizationKind.FOREIGN_STATE: N_("Foreign state"),
    OrganizationKind.ELECTION_AUTHORITY_ASSOCIATION: N_("Association of election authorities"),
    OrganizationKind.INTERNATIONAL_NGO: N_("International non-governmental organization"),
}


def acronym_of(sender: Any, code: str | None = None) -> str | None:
    """The acronym of a sender (an `Organization`, or a row with its names) for readers of a
    language, or for this reader: the language's own, or else the one in Latin letters."""
    own: str | None = getattr(sender, ACRONYMS[code or language()])
    return own or sender.acronym


def sender_name(sender: Any, code: str | None = None) -> str:
    """What a sender is called in lists and schedules: its acronym, or its name, in a language or
    in the reader's. `queries.sender_in` says the same in a statement."""
    return str(acronym_of(sender, code) or getattr(sender, f"name_{code or language()}"))


def names_of_sender(sender: Any) -> dict[str, str]:
    """What a sender is called in each language, for a sentence that others read."""
    return {code: sender_name(sender, code) for code in LANGUAGES}
