"""What people type to take in a list of arrivals and departures."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired

from tracker.kernel.forms import Form


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
