"""What delegations and coordinators type about assistance requests, and ready answers."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from tracker.kernel.forms import Form, VersionedForm, one_line, several_lines
from tracker.logistics.labels.assistance import KINDS, PRIORITIES
from tracker.logistics.models.assistance import (
    AssistanceKind,
    AssistanceRequest,
    CannedAnswer,
    Priority,
)
from tracker.logistics.operations.answers import AnswerDetails
from tracker.logistics.operations.assistance import AssistanceDetails

Choices = list[tuple[int, str]]
ANSWER_FIELDS = ("title_en", "title_ru", "title_kk", "text_en", "text_ru", "text_kk")


def _number(value: str | int | None) -> int:
    return int(value or 0)


class AssistanceForm(VersionedForm):
    """What a delegation asks for; the delegation is chosen before."""

    kind = SelectField(_l("Kind"), coerce=AssistanceKind)
    priority = SelectField(_l("Priority"), coerce=Priority, default=Priority.NORMAL)
    title = StringField(
        _l("What is asked for"),
        [DataRequired(_l("Say in a few words what is asked for.")), Length(max=200)],
        filters=[one_line],
    )
    text = TextAreaField(_l("Details"), [Optional(), Length(max=10_000)], filters=[several_lines])
    accreditation_id = SelectField(_l("Observer concerned"), coerce=_number, default=0)
    meeting_id = SelectField(_l("Meeting concerned"), coerce=_number, default=0)

    def offer(self, *, observers: Choices, meetings: Choices) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [(key.value, _(label)) for key, label in KINDS.items()]
        self.priority.choices = [(key.value, _(label)) for key, label in PRIORITIES.items()]
        self.accreditation_id.choices = [(0, "—"), *observers]
        self.meeting_id.choices = [(0, "—"), *meetings]

    def show(self, row: AssistanceRequest) -> None:
        """Fill the form from a stored request."""
        for name in ("kind", "priority", "title", "text"):
            self[name].data = getattr(row, name)
        self.accreditation_id.data = row.accreditation_id or 0
        self.meeting_id.data = row.meeting_id or 0
        self.version.data = str(row.version)

    def details(self) -> AssistanceDetails:
        """What was typed."""
        return AssistanceDetails(
            kind=self.kind.data,
            priority=self.priority.data,
            title=self.title.data,
            text=self.text.data,
            accreditation_id=self.accreditation_id.data or None,
            meeting_id=self.meeting_id.data or None,
        )


class AssignForm(Form):
    """Who is to see to a request."""

    assignee_id = SelectField(_l("Person responsible"), coerce=_number)


class StepForm(Form):
    """Why a request takes a step; some steps need no reason."""

    reason = StringField(_l("Reason"), [Optional(), Length(max=500)], filters=[one_line])


class MergeForm(Form):
    """Which request this one repeats."""

    number = IntegerField(
        _l("Number of the first request"),
        [
            InputRequired(_l("Give the number of a request.")),
            NumberRange(1, 2_000_000_000, _l("Give the number of a request.")),
        ],
    )


class CommentForm(Form):
    """What is said about a request."""

    text = TextAreaField(
        _l("Comment"),
        [DataRequired(_l("Write a comment.")), Length(max=10_000)],
        filters=[several_lines],
    )
    is_internal = BooleanField(
        _l("For headquarters alone"), description=_l("The delegation does not see it.")
    )


class AttachmentForm(Form):
    """A paper of a request."""

    document = FileField(_l("Document"), [FileRequired(_l("Choose a file."))])


def _title(label: str) -> StringField:
    checks = [DataRequired(_l("Give a title.")), Length(max=100)]
    return StringField(label, checks, filters=[one_line])


def _text(label: str) -> TextAreaField:
    checks = [DataRequired(_l("Write the answer.")), Length(max=4_000)]
    return TextAreaField(label, checks, filters=[several_lines])


class AnswerForm(VersionedForm):
    """A ready answer in three languages."""

    title_en = _title(_l("Title in English"))
    title_ru = _title(_l("Title in Russian"))
    title_kk = _title(_l("Title in Kazakh"))
    text_en = _text(_l("Answer in English"))
    text_ru = _text(_l("Answer in Russian"))
    text_kk = _text(_l("Answer in Kazakh"))

    def show(self, row: CannedAnswer) -> None:
        """Fill the form from a stored answer."""
        for name in ANSWER_FIELDS:
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> AnswerDetails:
        """What was typed."""
        return AnswerDetails(**{name: self[name].data for name in ANSWER_FIELDS})
