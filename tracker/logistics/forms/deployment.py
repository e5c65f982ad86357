"""What coordinators type about deployment teams."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from tracker.kernel.forms import Choices, VersionedForm, chosen_number, line, lines, offer_one
from tracker.logistics.models.deployment import DeploymentTeam
from tracker.logistics.operations.deployment import TeamDetails

FIELDS = (
    *("name", "region", "place", "starts_on", "ends_on", "liaison_officer", "liaison_phone"),
    *("vehicle", "plate", "driver", "interpreter", "note"),
)


class TeamForm(VersionedForm):
    """Enter or change a team; its people are placed on a page of their own."""

    delegation_id = SelectField(
        _l("Delegation"), [DataRequired(_l("Choose the delegation."))], coerce=chosen_number
    )
    name = line(
        _l("Team"),
        60,
        _l("Its number or name with the delegation, for example 3."),
        required=_l("Give a name or a number."),
    )
    region = SelectField(_l("Region"), [DataRequired(_l("Choose a region."))], coerce=str)
    place = line(_l("Place"), 200, _l("The city or the districts."))
    starts_on = DateField(_l("First day"), [DataRequired(_l("Give a day."))])
    ends_on = DateField(_l("Last day"), [DataRequired(_l("Give a day."))])
    liaison_officer = line(_l("Liaison officer"), 200)
    liaison_phone = line(_l("Telephone"), 60)
    vehicle = line(_l("Vehicle"), 100)
    plate = line(_l("Number plate"), 20)
    driver = line(_l("Driver"), 200, _l("Name and telephone number."))
    interpreter = line(_l("Interpreter"), 200, _l("Name and telephone number."))
    note = lines(_l("Note"), 4000, _l("For headquarters alone: it is printed nowhere."))
    reason = line(_l("Reason of the change"), 500)

    def offer(self, *, delegations: Choices, regions: Choices) -> None:
        """Fill the lists to choose from."""
        offer_one(self.delegation_id, delegations)
        self.region.choices = regions

    def show(self, row: DeploymentTeam) -> None:
        """Fill the form from a stored team."""
        for name in FIELDS:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> TeamDetails:
        """What was typed."""
        return TeamDetails(**{name: self[name].data for name in FIELDS})


class MembersForm(VersionedForm):
    """Who is in a team."""

    # Not checked against the list: who was placed elsewhere meanwhile is refused with where.
    members = SelectMultipleField(_l("Observers"), coerce=int, validate_choice=False)
