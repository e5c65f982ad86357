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
    TimeField,
)
from wtforms.validators import DataRequired, Optional

from tracker.elections.labels import ANNEX_COLUMNS, KINDS
from tracker.elections.models import AnnexColumn, Election, ElectionKind
from tracker.elections.operations import ElectionDetails
from tracker.elections.rules import annex_columns
from tracker.kernel.forms import FILL_IN, LOCAL_FORMATS, Boxes, VersionedForm, chosen_number, line

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


class ElectionForm(VersionedForm):
    """Create or change an election."""

    slug = line(
        _l("Short name"), 40, _l("Used in addresses, for example kz-2022."), required=FILL_IN
    )
    kind = SelectField(_l("Kind"), coerce=ElectionKind)
    election_on = DateField(_l("Election day"), [DataRequired(_l("Give the election day."))])
    name_en = line(_l("Name in English"), 200, required=FILL_IN)
    name_ru = line(_l("Name in Russian"), 200, required=FILL_IN)
    name_kk = line(_l("Name in Kazakh"), 200, required=FILL_IN)
    host_country = SelectField(_l("Host country"))
    time_zone = SelectField(_l("Time zone"))
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
    first_round_id = SelectField(_l("First round"), coerce=chosen_number)
    annex_columns = Boxes(
        _l("Columns of the list of candidates for the commission"), coerce=AnnexColumn
    )
    signatory_name = line(_l("Who signs submissions"), 200)
    signatory_position_en = line(_l("Position in English"), 200)
    signatory_position_ru = line(_l("Position in Russian"), 200)
    signatory_position_kk = line(_l("Position in Kazakh"), 200)
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
