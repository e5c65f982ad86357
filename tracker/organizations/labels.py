"""What kinds of sender are called."""

from tracker.kernel.i18n import N_
from tracker.organizations.models import OrganizationKind

KINDS = {
    OrganizationKind.INTERGOVERNMENTAL_ORGANIZATION: N_("Intergovernmental organization"),
    OrganizationKind.PARLIAMENTARY_ASSEMBLY: N_("Parliamentary assembly"),
    OrganizationKind.FOREIGN_STATE: N_("Foreign state"),
    OrganizationKind.ELECTION_AUTHORITY_ASSOCIATION: N_("Association of election authorities"),
    OrganizationKind.INTERNATIONAL_NGO: N_("International non-governmental organization"),
}
