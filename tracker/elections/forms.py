"""What an administrator types about an election; moments are local times of its zone."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.elections.labels import ANNEX_COLUMNS, KINDS
from tracker.elections.models import AnnexColumn, Election, ElectionKind
from tracker.elections.operations import ElectionDetails
from tracker.elections.rules import annex_columns
from tracker.kernel.forms import VersionedForm, one_line

LOCAL_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
MOMENTS = ("opens_at", "closes_at", "ends_at")
SIGNATORY = (
    "signatory_name",
    "signatory_position_en",
    "signatory_position_ru",
    "signatory_position_kk",
)
PLAIN = (
    "slug",
    "name_en",
    "name_ru",
    "name_kk",
    "host_country",
    "time_zone",
    "election_on",
    "polls_open_at",
    "polls_close_at",
    *SIGNATORY,
    "digest_at",
    "logs_certificate_checks",
    "publishes_observers",
)


def _text(label: str, length: int, description: str = "") -> StringField:
    validators = [DataRequired(_l("Fill this in.")), Length(max=length)]
    return StringField(label, validators, filters=[one_line], description=description)


def _optional(label: str) -> StringField:
    return StringField(label, [Optional(), Length(max=200)], filters=[one_line])


class ElectionForm(VersionedForm):
    """Create or change an election."""

    slug = _text(_l("Short name"), 40, _l("Used in addresses, for example kz-2022."))
    kind = SelectField(_l("Kind"), coerce=ElectionKind)
    name_en = _text(_l("Name in English"), 200)
    name_ru = _text(_l("Name in Russian"), 200)
    name_kk = _text(_l("Name in Kazakh"), 200)
    host_country = SelectField(_l("Host country"))
    time_zone = SelectField(_l("Time zone"))
    election_on = DateField(_l("Election day"), [DataRequired(_l("Give the election day."))])
    polls_open_at = TimeField(_l("Polls open"), [DataRequired(_l("Give a time."))])
    polls_close_at = TimeField(_l("Polls close"), [DataRequired(_l("Give a time."))])
    opens_at = DateTimeLocalField(
        _l("Accreditation opens"),
        [Optional()],
        format=LOCAL_FORMATS,
        description=_l("Local time. Left empty: sixty days before election day."),
    )
    closes_at = DateTimeLocalField(
        _l("Accreditation closes"),
        [Optional()],
        format=LOCAL_FORMATS,
        description=_l("Local time. Left empty: 18:00, five full days before election day."),
    )
    ends_at = DateTimeLocalField(
        _l("Accreditations expire"),
        [Optional()],
        format=LOCAL_FORMATS,
        description=_l("Local time. Left empty: the end of the day after election day."),
    )
    first_round_id = SelectField(_l("First round"), coerce=lambda value: int(value or 0))
    annex_columns = SelectMultipleField(
        _l("Columns of the list of candidates for the commission"),
        coerce=AnnexColumn,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    signatory_name = _optional(_l("Who signs submissions"))
    signatory_position_en = _optional(_l("Position in English"))
    signatory_position_ru = _optional(_l("Position in Russian"))
    signatory_position_kk = _optional(_l("Position in Kazakh"))
    digest_at = TimeField(
        _l("Daily digest"),
        [Optional()],
        description=_l("Local time at which it is issued. Left empty: none is."),
    )
    logs_certificate_checks = BooleanField(
        _l("Polling stations may send a log of the certificates that they checked")
    )
    publishes_observers = BooleanField(
        _l("Publish the names of observers"),
        description=_l("In the public register. Otherwise it shows how many there are."),
    )

    def offer(self, countries: list[tuple[str, str]], rounds: list[tuple[int, str]]) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [(kind.value, _(label)) for kind, label in KINDS.items()]
        self.host_country.choices = countries
        self.time_zone.choices = sorted(available_timezones())
        self.annex_columns.choices = [(name, _(label)) for name, label in ANNEX_COLUMNS.items()]
        self.first_round_id.choices = [(0, _("This is not a second round")), *rounds]

    def show(self, election: Election) -> None:
        """Fill the form from a stored election, moments in its zone."""
        zone = ZoneInfo(election.time_zone)
        for name in PLAIN:
            self[name].data = getattr(election, name)
        for name in MOMENTS:
            self[name].data = getattr(election, name).astimezone(zone).replace(tzinfo=None)
        self.kind.data = election.kind
        self.first_round_id.data = election.first_round_id or 0
        self.annex_columns.data = list(annex_columns(election.annex_columns))
        self.version.data = str(election.version)

    def details(self) -> ElectionDetails:
        """What was typed."""
        zone = ZoneInfo(self.time_zone.data)
        values: dict[str, Any] = {name: self[name].data for name in PLAIN}
        for name in MOMENTS:
            local = self[name].data
            values[name] = local.replace(tzinfo=zone) if local else None
        first_round_id = self.first_round_id.data or None
        return ElectionDetails(
            **values,
            kind=self.kind.data,
            first_round_id=first_round_id,
            annex_columns=" ".join(self.annex_columns.data or ()),
        )
