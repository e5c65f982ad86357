"""What every form shares: protection, kept input, and refusals shown beside their field."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, HiddenField

from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Several, Stale
from tracker.kernel.i18n import say
from tracker.kernel.text import normalize, normalize_lines, whole_number

T = TypeVar("T")


def one_line(value: str | None) -> str | None:
    """A filter of text fields: made clean, None where nothing is left."""
    return (normalize(value) if value else value) or None


def several_lines(value: str | None) -> str | None:
    """A filter of text areas: each line made clean, None where nothing is left."""
    return (normalize_lines(value) if value else value) or None


class Form(FlaskForm):
    """A form with CSRF protection whose operation's refusals become its errors."""

    class Meta(FlaskForm.Meta):
        """Where a form reads from."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """A file goes to a field for files only: sent for another one, it is left out."""
            found = super().wrap_formdata(form, formdata)
            if not isinstance(found, CombinedMultiDict):
                return found
            texts, files = request.form, MultiDict[str, Any]()
            for name in request.files:
                if isinstance(form._fields.get(name), FileField):
                    files.setlist(name, request.files.getlist(name))
            return CombinedMultiDict[str, Any]((files, texts))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stale: Stale | None = None

    def attempt(self, operation: Callable[..., T], /, **kwargs: Any) -> T | None:
        """Run `operation` whole or not at all; None where it was refused (errors then say why)."""
        savepoint = db.session.begin_nested()
        try:
            result = operation(**kwargs)
            savepoint.commit()
        except Refused as refusal:
            savepoint.rollback()
            self.refuse(refusal)
            return None
        except BaseException:
            savepoint.rollback()
            raise
        return result

    def refuse(self, refusal: Refused) -> None:
        """Show `refusal` beside its field, or above the form where it names none."""
        if isinstance(refusal, Several):
            for each in refusal.refusals:
                self.refuse(each)
            return
        message = say(refusal.message, refusal.params)
        if isinstance(refusal, Stale):
            self.stale = refusal
        field = self._fields.get(refusal.field or "")
        if field is not None:
            field.errors = [*field.errors, message]
        else:
            self.form_errors.append(message)

    @property
    def status(self) -> int:
        """The HTTP status of a page that shows this form: 422 once it holds an error."""
        return 422 if self.errors else 200


class VersionedForm(Form):
    """A form over a record that another person may change meanwhile."""

    version = HiddenField()

    def renew(self, row: Any) -> None:
        """After a refusal as stale, let the next save go ahead: the person has seen the change."""
        if self.stale:
            self.version.data = str(row.version)

    @property
    def seen_version(self) -> int:
        """The version that the person saw; 0, which matches none, where it is missing."""
        seen = self.version.data or ""
        return whole_number(seen) or 0
