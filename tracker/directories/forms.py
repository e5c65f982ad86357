"""What people type to take a file into a directory."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from tracker.kernel.forms import Form


class FileForm(Form):
    """A file to look at."""

    file = FileField(
        _l("List"),
        [FileRequired(_l("Choose the file."))],
        description=_l(
            "vCards (vcf, version 4.0 or 3.0), a spreadsheet (xlsx, xls, ods) or text (csv, tsv) "
            "whose header is that of the list as this system gives it out. An empty cell changes "
            "nothing."
        ),
    )


class AcceptForm(Form):
    """The rows of a file that was looked at, and the mark of what was shown of them."""

    rows = HiddenField()
    seen = HiddenField()
