"""What people type about a list."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from tracker.accreditation.labels import FUNCTIONS
from tracker.accreditation.models import Function
from tracker.kernel.forms import Form


def _function(value: Any) -> Function | None:
    return Function(value) if value else None


class UploadForm(Form):
    """A list as a delegation sent it, and what holds for everyone on it."""

    delegation = SelectField(_l("Delegation"), coerce=int)
    file = FileField(
        _l("List"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "A spreadsheet (xlsx, xls, ods) or text (csv, tsv), up to 24 megabytes and 50,000 rows."
        ),
    )
    portraits = FileField(
        _l("Portraits"),
        description=_l(
            "A zip of pictures named by document number, by surname and given names, or by row "
            "number. Pictures inside the spreadsheet are found by themselves."
        ),
    )
    function = SelectField(_l("Function of those for whom the list says none"), coerce=_function)
    pledge_signed_on = DateField(_l("Everyone signed the pledge on"), [Optional()])

    def offer(self, delegations: list[tuple[int, str]]) -> None:
        """Fill the lists to choose from."""
        self.delegation.choices = delegations
        self.function.choices = _functions()


def _functions() -> list[tuple[str, str]]:
    return [("", "—"), *((key.value, str(_(label))) for key, label in FUNCTIONS.items())]


class ChoicesForm(Form):
    """What a person says against what was recognized; the columns are read by the route."""

    sheet = SelectField(_l("Sheet"))
    header_row = SelectField(_l("Header in row"), coerce=int)
    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Delimiter"))
    day_first = SelectField(_l("Dates such as 03/04/1970"))
    surname_first = SelectField(_l("Names in one cell"))
    function = SelectField(_l("Function of those for whom the list says none"), coerce=_function)
    pledge_signed_on = DateField(_l("Everyone signed the pledge on"), [Optional()])

    def offer(self, sheets: list[str], encodings: Any, delimiters: Any) -> None:
        """Fill the lists to choose from."""
        self.sheet.choices = [(name, name) for name in sheets] or [("", "—")]
        self.header_row.choices = [
            (0, str(_("no header"))),
            *((number, str(number)) for number in range(1, 41)),
        ]
        self.encoding.choices = encodings
        self.delimiter.choices = delimiters
        self.day_first.choices = [
            ("", str(_("as the column shows"))),
            ("day", str(_("day first: 3 April"))),
            ("month", str(_("month first: 4 March"))),
        ]
        self.surname_first.choices = [
            ("", str(_("as the list shows"))),
            ("surname", str(_("surname first"))),
            ("given", str(_("given names first"))),
        ]
        self.function.choices = _functions()
