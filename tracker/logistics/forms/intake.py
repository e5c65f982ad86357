"""What people type to take in lists of arrivals and departures, and of deployment teams."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired

from tracker.delegations.models import Delegation
from tracker.kernel.forms import Form
from tracker.logistics.team_intake import Usual


class ImportForm(Form):
    """A list, and where those arrive for whom it says nothing."""

    file = FileField(
        _l("List"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "A spreadsheet (xlsx, xls, ods) or text (csv, tsv) with a header in English, Russian "
            "or Kazakh: date, time, flight, from, delegation, people, direction."
        ),
    )
    point_id = SelectField(
        _l("Airport, station or border crossing"),
        coerce=int,
        description=_l("For rows that name none."),
    )


class AcceptForm(Form):
    """The rows of a list that was looked at, and how many were to be entered."""

    rows = HiddenField()
    point_id = HiddenField()
    seen = IntegerField(validators=[InputRequired()])


class ImportTeamsForm(Form):
    """A deployment plan, and what its rows mean that do not say it."""

    file = FileField(
        _l("List"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "A spreadsheet (xlsx, xls, ods) or text (csv, tsv) with a header in English, Russian "
            "or Kazakh, a row an observer: observer, region, team, from, to, delegation, liaison "
            "officer, telephone, vehicle."
        ),
    )
    delegation_id = SelectField(
        _l("Delegation"), coerce=int, description=_l("Where a row does not say it.")
    )
    starts_on = DateField(
        _l("First day"),
        [DataRequired(_l("Give a day."))],
        description=_l("Where a row does not say it."),
    )
    ends_on = DateField(
        _l("Last day"),
        [DataRequired(_l("Give a day."))],
        description=_l("Where a row does not say it."),
    )

    def usual(self, senders: Mapping[int, Delegation]) -> Usual:
        """What rows mean that do not say it."""
        sender = senders.get(self.delegation_id.data)
        return Usual(sender, self.starts_on.data, self.ends_on.data)


class AcceptTeamsForm(Form):
    """The rows of a plan that was looked at, and how many were to be entered."""

    rows = HiddenField()
    seen = IntegerField(validators=[InputRequired()])
