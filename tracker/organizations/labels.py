"""What senders and their kinds are called."""

from typing import Any

from tracker.kernel.i18n import N_, localized
from tracker.organizations.models import OrganizationKind

KINDS = {
    OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION: N_("Intergovernmental organization"),
    OrganizationKind.PARLIAMENTARY_ASSEMBLY: N_("Parliamentary assembly"),
    OrganizationKind.FOREIGN_STATE: N_("Foreign state"),
    OrganizationKind.ELECTION_AUTHORITY_ASSOCIATION: N_("Association of election authorities"),
    OrganizationKind.INTERNATIONAL_NGO: N_("International non-governmental organization"),
}


def sender_name(sender: Any) -> str:
    """What a sender (an `Organization`, or a row with its names) is called in lists and schedules:
    its acronym, or its name in the reader's language."""
    return str(sender.acronym or localized(sender, "name"))
