"""What a registrar types about an organization."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from tracker.kernel.forms import VersionedForm, line
from tracker.kernel.i18n import language
from tracker.organizations.labels import KINDS
from tracker.organizations.models import ACRONYMS, Organization, OrganizationKind
from tracker.organizations.operations import OrganizationDetails
from tracker.organizations.states import states_sorted


class OrganizationForm(VersionedForm):
    """Create or change an organization other than a State."""

    kind = SelectField(_l("Kind"), coerce=OrganizationKind)
    acronym = line(_l("Acronym in English"), 30)
    acronym_ru = line(_l("Acronym in Russian"), 30)
    acronym_kk = line(_l("Acronym in Kazakh"), 30)
    name_en = line(_l("Name in English"), 200, required=_l("Give the name in English."))
    name_ru = line(_l("Name in Russian"), 200, required=_l("Give the name in Russian."))
    name_kk = line(_l("Name in Kazakh"), 200, required=_l("Give the name in Kazakh."))
    seat_country = SelectField(_l("Country of the seat"), validators=[Optional()])

    def offer(self) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [
            (kind.value, _(label))
            for kind, label in KINDS.items()
            if kind is not OrganizationKind.FOREIGN_STATE
        ]
        self.seat_country.choices = [("", _("Not known")), *states_sorted(language())]

    def show(self, organization: Organization) -> None:
        """Fill the form from a stored organization."""
        for name in ("kind", *ACRONYMS.values(), "name_en", "name_ru", "name_kk"):
            self[name].data = getattr(organization, name)
        self.seat_country.data = organization.seat_country or ""
        self.version.data = str(organization.version)

    def details(self) -> OrganizationDetails:
        """What was typed."""
        return OrganizationDetails(
            kind=self.kind.data,
            acronym=self.acronym.data or None,
            acronym_ru=self.acronym_ru.data or None,
            acronym_kk=self.acronym_kk.data or None,
            name_en=self.name_en.data,
            name_ru=self.name_ru.data,
            name_kk=self.name_kk.data,
            seat_country=self.seat_country.data or None,
        )
