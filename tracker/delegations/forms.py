"""What people type about delegations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from tracker.delegations.focal_points import Invited
from tracker.delegations.labels import FORMATS, STATUSES
from tracker.delegations.messages import LONGEST
from tracker.delegations.models import Delegation, DelegationFormat, DelegationStatus
from tracker.delegations.operations import DelegationDetails
from tracker.kernel.forms import FILL_IN, Form, VersionedForm, line, lines
from tracker.kernel.i18n import LANGUAGES

NAMES = (
    "format",
    "invited_on",
    "invited_to",
    "note_verbale_number",
    "note_verbale_on",
    "liaison_officer",
    "liaison_phone",
    "planned_core",
    "planned_long_term",
    "planned_short_term",
    "arrival_on",
    "departure_on",
    "remarks",
)


def _day(label: Any, *, is_required: bool = False) -> DateField:
    return DateField(label, [DataRequired(_l("Give a day.")) if is_required else Optional()])


def _planned(label: Any) -> IntegerField:
    bounds = NumberRange(0, 10_000, _l("Give a number from 0 to 10,000."))
    return IntegerField(label, [Optional(), bounds], default=0)


class DelegationForm(VersionedForm):
    """Change a delegation."""

    format = SelectField(_l("Format"), coerce=DelegationFormat)
    invited_on = _day(_l("Invited on"))
    invited_to = line(_l("Invitation sent to"), 200)
    note_verbale_number = line(_l("Number of the note verbale"), 60)
    note_verbale_on = _day(_l("Date of the note verbale"))
    scan = FileField(_l("Scan of the note verbale"), description=_l("PDF, JPEG or PNG."))
    liaison_officer = line(_l("Liaison officer"), 200)
    liaison_phone = line(_l("Telephone of the liaison officer"), 60)
    planned_core = _planned(_l("Planned: core team"))
    planned_long_term = _planned(_l("Planned: long-term observers"))
    planned_short_term = _planned(_l("Planned: short-term observers"))
    arrival_on = _day(_l("Arrival"))
    departure_on = _day(_l("Departure"))
    remarks = lines(_l("Remarks"), 2000)

    def offer(self) -> None:
        """Fill the list of formats."""
        self.format.choices = [(key.value, _(label)) for key, label in FORMATS.items()]

    def show(self, row: Delegation) -> None:
        """Fill the form from a stored delegation."""
        for name in NAMES:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> DelegationDetails:
        """What was typed."""
        values = {name: self[name].data for name in NAMES}
        for name in ("planned_core", "planned_long_term", "planned_short_term"):
            values[name] = values[name] or 0
        return DelegationDetails(**values)


class NewDelegationForm(DelegationForm):
    """Enter a delegation; nothing is presumed of a sender that is not chosen yet."""

    organization = SelectField(_l("Organization or state"), validate_choice=False)
    format = SelectField(
        _l("Format"),
        coerce=lambda value: DelegationFormat(value) if value else None,
        description=_l("Left open, it is that of a state or of a parliamentary assembly."),
    )

    def offer(self) -> None:
        """Fill the list of formats, none of them chosen."""
        super().offer()
        self.format.choices = [("", "—"), *(self.format.choices or ())]


class StepForm(Form):
    """The next step of a delegation's life."""

    to_status = SelectField(_l("Next step"), coerce=DelegationStatus)
    effective_on = _day(_l("On"), is_required=True)
    remark = line(_l("Remark"), 500)

    def offer(self) -> None:
        """Fill the list of steps; the rules say which one is possible."""
        self.to_status.choices = [(key.value, _(label)) for key, label in STATUSES.items()]

    def details(self) -> dict[str, Any]:
        """What was typed."""
        return {name: self[name].data for name in ("to_status", "effective_on", "remark")}


class HeadForm(Form):
    """Who heads the delegation from a day on."""

    name = line(_l("Name"), 200, required=FILL_IN)
    title = line(_l("Position"), 200)
    effective_on = _day(_l("From"), is_required=True)

    def details(self) -> dict[str, Any]:
        """What was typed."""
        return {name: self[name].data for name in ("name", "title", "effective_on")}


class ContactForm(Form):
    """A contact of the delegation."""

    name = line(_l("Name"), 200, required=FILL_IN)
    duty = line(_l("Duty"), 200)
    email = line(_l("E-mail address"), 254)
    phone = line(_l("Telephone"), 60)
    effective_on = _day(_l("From"), is_required=True)

    def details(self) -> dict[str, Any]:
        """What was typed."""
        names = ("name", "duty", "email", "phone", "effective_on")
        return {name: self[name].data for name in names}


class MergeForm(Form):
    """Which organization a duplicate is merged into."""

    into = SelectField(_l("Keep this one"), coerce=int)


class MessageForm(Form):
    """A message in the thread of a delegation."""

    text = lines(_l("Message"), LONGEST, required=_l("Write something first."))


class InvitationForm(Form):
    """Whom to invite as a focal point."""

    name = line(_l("Name"), 200, required=FILL_IN)
    email = line(_l("E-mail address"), 254, required=FILL_IN)
    language = SelectField(_l("Language of the letter"))

    def offer(self) -> None:
        """Fill the list of languages."""
        self.language.choices = list(LANGUAGES.items())

    def person(self) -> Invited:
        """Who is to be invited."""
        return Invited(
            name=self.name.data or "",
            email=self.email.data or "",
            language=self.language.data,
        )
