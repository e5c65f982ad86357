"""What every form shares: protection, kept input, and refusals shown beside their field."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import (
    FileField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import Refused, Several, Stale
from tracker.kernel.i18n import N_, say, whose
from tracker.kernel.text import normalize, normalize_lines, whole_number
from tracker.kernel.web import time_zone

T = TypeVar("T")
FILL_IN = _l("Fill this in.")
LOCAL_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]  # what browsers send of a local moment
Choices = list[tuple[Any, str]]  # values and labels of a list to choose from


def one_line(value: str | None) -> str | None:
    """A filter of text fields: made clean, None where nothing is left."""
    return (normalize(value) if value else value) or None


def several_lines(value: str | None) -> str | None:
    """A filter of text areas: each line made clean, None where nothing is left."""
    return (normalize_lines(value) if value else value) or None


def line(label: Any, longest: int, description: Any = "", *, required: Any = None) -> StringField:
    """A line of text of at most `longest` letters; `required` is what is said where none is."""
    checks = [DataRequired(required) if required else Optional(), Length(max=longest)]
    return StringField(label, checks, filters=[one_line], description=description)


def lines(
    label: Any, longest: int, description: Any = "", *, required: Any = None
) -> TextAreaField:
    """Several lines of text, otherwise as `line`."""
    checks = [DataRequired(required) if required else Optional(), Length(max=longest)]
    return TextAreaField(label, checks, filters=[several_lines], description=description)


def chosen_number(value: Any) -> int:
    """What a list of numbers to choose from coerces with; 0 stands for none of them."""
    return int(value or 0)


def offer_one(field: SelectField, choices: Choices) -> None:
    """Fill a list of which one must be chosen: none is beforehand, unless there is but one."""
    is_single = len(choices) == 1
    field.choices = choices if is_single else [("", "—"), *choices]
    field.flags.required = not is_single  # in HTML the first choice of a required list is empty


class Boxes(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


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

    def renew(self, *rows: Any) -> None:
        """After a refusal as stale, let the next save go ahead: the person has seen the change.

        Says whose it was, as the roof knows it (`LAST_CHANGE`).
        """
        if not self.stale:
            return
        self.version.data = str(sum(row.version for row in rows))
        if last := current_app.config["LAST_CHANGE"](*rows):
            name, at = last
            params = {"name": whose(name), "moment": clock.local(at, time_zone())}
            self.form_errors.append(say(N_("Last changed by %(name)s, %(moment)s."), params))

    @property
    def seen_version(self) -> int:
        """The version that the person saw; 0, which matches none, where it is missing."""
        seen = self.version.data or ""
        return whole_number(seen) or 0
