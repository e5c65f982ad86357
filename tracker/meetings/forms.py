"""What coordinators and delegations type about meetings; times are local times of the election."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    SelectFieldBase,
    StringField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import Select

from tracker.kernel.clock import exists_locally, occurs_twice
from tracker.kernel.forms import (
    Boxes,
    Choices,
    Form,
    VersionedForm,
    chosen_number,
    line,
    lines,
    offer_one,
)
from tracker.kernel.text import whole_number
from tracker.meetings.addresses import Subject
from tracker.meetings.labels import KINDS, PRIORITIES
from tracker.meetings.models import CalendarKind, Meeting, MeetingKind, MeetingRequest, Whom
from tracker.meetings.operations import MeetingDetails, PlanDetails, Record, RequestDetails
from tracker.meetings.operations.plans import QUICK, THOROUGH

MINUTES = _l("Give a number from 5 to 720.")
NOTHING = Markup('<option value="">—</option>')
PEOPLE = _l("Give a number from 1 to 500.")


class MeetingForm(VersionedForm):
    """Schedule or change a meeting."""

    kind = SelectField(_l("Kind"), coerce=MeetingKind)
    title = line(_l("Title"), 200, required=_l("Give a title."))
    day = DateField(_l("Day"), [DataRequired(_l("Give a day."))])
    starts = TimeField(_l("From (local time)"), [InputRequired(_l("Give a time."))])
    ends = TimeField(_l("To (local time)"), [InputRequired(_l("Give a time."))])
    place = line(_l("Place"), 200, _l("Where it is no hall of the list."))
    hall_id = SelectField(_l("Hall"), coerce=chosen_number, default=0)
    people = IntegerField(
        _l("People expected"),
        [Optional(), NumberRange(1, 5_000, _l("Give a number from 1 to 5,000."))],
    )
    language = SelectField(_l("Interpretation from"), default="")
    interpreter_id = SelectField(_l("Interpreter"), coerce=chosen_number, default=0)
    protocol_attends = BooleanField(_l("Protocol attends"))
    press_attends = BooleanField(_l("Press attends"))
    officials = Boxes(_l("Officials"), coerce=int)
    delegations = Boxes(_l("Delegations"), coerce=int)
    participants = Boxes(_l("Participants by name"), coerce=int)
    agenda = lines(_l("Agenda"), 4000)
    note = lines(_l("Note"), 4000, _l("For headquarters alone: it is printed nowhere."))
    reason = line(_l("Reason of the change"), 500)
    has_taken_place = BooleanField(
        _l("It has taken place already"),
        description=_l("It is then recorded as held; nobody is booked."),
    )
    is_proposal = BooleanField(
        _l("As a proposal"),
        description=_l("The time is held until the delegation answers."),
    )

    time_zone = "UTC"

    def offer(
        self,
        *,
        officials: Choices,
        delegations: Choices,
        halls: Choices,
        interpreters: Choices,
        languages: Sequence[tuple[str, str]],
        participants: Choices,
        time_zone: str,
    ) -> None:
        """Fill the lists to choose from, and say whose local time is typed."""
        self.kind.choices = [(key.value, _(label)) for key, label in KINDS.items()]
        self.officials.choices, self.delegations.choices = officials, delegations
        self.hall_id.choices = [(0, "—"), *halls]
        self.interpreter_id.choices = [(0, "—"), *interpreters]
        self.language.choices = [("", "—"), *languages]
        self.participants.choices = participants
        self.time_zone = time_zone

    def _check_local(self, field: TimeField) -> None:
        if self.day.data and field.data:
            typed = datetime.combine(self.day.data, field.data)
            if not exists_locally(typed, self.time_zone):
                raise ValidationError(_("The clocks skip this time on that day."))
            if occurs_twice(typed, self.time_zone):
                raise ValidationError(_("The clocks show this time twice on that day."))

    validate_starts = validate_ends = _check_local

    def show(self, row: Meeting) -> None:
        """Fill the form from a stored meeting."""
        zone = ZoneInfo(self.time_zone)
        starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
        names = ("kind", "title", "place", "note", "people", "agenda")
        for name in (*names, "protocol_attends", "press_attends"):
            self[name].data = getattr(row, name)
        self.hall_id.data, self.interpreter_id.data = row.hall_id or 0, row.interpreter_id or 0
        self.language.data = row.language or ""
        self.day.data, self.starts.data, self.ends.data = starts.date(), starts.time(), ends.time()
        self.officials.data = [official.id for official in row.officials]
        self.delegations.data = [delegation.id for delegation in row.delegations]
        self.participants.data = [each.accreditation_id for each in row.participants]
        self.version.data = str(row.version)

    def move_to(self, day: date, starts: str) -> None:
        """Put the meeting on another day and, where `starts` is a time, to another hour."""
        span = datetime.combine(day, self.ends.data) - datetime.combine(day, self.starts.data)
        self.day.data = day
        with suppress(ValueError):
            begin = datetime.combine(day, time.fromisoformat(starts))
            self.starts.data, self.ends.data = begin.time(), (begin + span).time()

    def last(self, minutes: int) -> None:
        """Let the meeting end so many minutes after it starts."""
        begin = datetime.combine(date.min, self.starts.data)
        self.ends.data = (begin + timedelta(minutes=minutes)).time()

    def details(self) -> MeetingDetails:
        """What was typed."""
        zone = ZoneInfo(self.time_zone)
        day: Any = self.day.data
        names = ("title", "place", "note", "people", "agenda", "protocol_attends", "press_attends")
        return MeetingDetails(
            **{name: self[name].data for name in names},
            kind=self.kind.data,
            starts_at=datetime.combine(day, self.starts.data, zone),
            ends_at=datetime.combine(day, self.ends.data, zone),
            official_ids=tuple(self.officials.data or ()),
            delegation_ids=tuple(self.delegations.data or ()),
            hall_id=self.hall_id.data or None,
            language=self.language.data or None,
            interpreter_id=self.interpreter_id.data or None,
            participant_ids=tuple(self.participants.data or ()),
        )


class CancelForm(Form):
    """Why a meeting is cancelled, and what becomes of the requests that it answers."""

    reason = line(_l("Reason"), 500, required=_l("Give the reason."))
    reopens = BooleanField(_l("Keep the request open"), default=True)


class ReasonForm(Form):
    """Why a request is declined, taken back or opened again."""

    reason = line(_l("Reason"), 500, required=_l("Give the reason."))


class RecordForm(Form):
    """Who was there and what was said."""

    present = Boxes(_l("Who was there"), coerce=int)
    others_present = line(_l("Others present"), 500)
    outcome = lines(_l("What was said"), 20_000, required=_l("Say what was said."))

    def record(self) -> Record:
        """What was typed."""
        return Record(
            outcome=self.outcome.data,
            others_present=self.others_present.data,
            present=frozenset(self.present.data or ()),
        )


class FollowUpForm(Form):
    """What is to follow a meeting."""

    task = line(_l("What is to be done"), 500, required=_l("Say what is to be done."))
    responsible = line(_l("By whom"), 200)
    due_on = DateField(_l("To be done by"), [Optional()])


class DocumentForm(Form):
    """A paper of a meeting."""

    document = FileField(_l("Document"), [FileRequired(_l("Choose a file."))])


class _UnderNothing(Select):
    """A list by groups that stand under an empty choice: nobody is chosen beforehand."""

    def __call__(self, field: SelectFieldBase, **kwargs: Any) -> Markup:
        groups = Markup("<optgroup")
        return super().__call__(field, **kwargs).replace(groups, NOTHING + groups, 1)


class RequestForm(VersionedForm):
    """What a delegation asks for."""

    delegation_id = SelectField(
        _l("Delegation"), [DataRequired(_l("Choose the delegation."))], coerce=chosen_number
    )
    target = SelectField(
        _l("Whom"),
        [DataRequired(_l("Choose whom the delegation would like to meet."))],
        widget=_UnderNothing(),
    )
    topics = lines(
        _l("Topics"),
        500,
        _l("The first line becomes the title of the meeting."),
        required=_l("Say what is to be talked about."),
    )
    days = StringField(
        _l("Wished days"),
        [Optional(), Length(max=300)],
        description=_l("One or several, by commas, for example 2022-11-17, 2022-11-18."),
    )
    length_minutes = IntegerField(
        _l("Length in minutes"),
        [InputRequired(MINUTES), NumberRange(5, 720, MINUTES)],
        default=45,
    )
    people = IntegerField(
        _l("People of the delegation"),
        [InputRequired(PEOPLE), NumberRange(1, 500, PEOPLE)],
        default=3,
    )
    language = SelectField(_l("Interpretation from"), default="")
    needs_hall = BooleanField(_l("A hall is needed"))
    priority = SelectField(_l("Priority"), coerce=chosen_number, default=3)

    def offer(
        self,
        *,
        delegations: Choices,
        targets: dict[str, list[tuple[str, str]]],
        languages: Sequence[tuple[str, str]],
    ) -> None:
        """Fill the lists to choose from."""
        offer_one(self.delegation_id, delegations)
        self.target.choices = targets
        self.language.choices = [("", "—"), *languages]
        self.priority.choices = [(number, _(label)) for number, label in PRIORITIES.items()]

    def validate_days(self, field: StringField) -> None:
        """Refuse what is no list of days, naming what cannot be read."""
        for word in _words(field.data):
            if _day(word) is None:
                raise ValidationError(
                    _("“%(text)s” is no day. Write days like 2022-11-17 or 17.11.2022.", text=word)
                )

    def show(self, row: MeetingRequest) -> None:
        """Fill the form from a stored request."""
        for name in ("delegation_id", "topics", "length_minutes", "people", "needs_hall"):
            self[name].data = getattr(row, name)
        self.priority.data, self.language.data = row.priority, row.language or ""
        self.days.data = ", ".join(day.isoformat() for day in row.days)
        self.target.data = f"{row.whom.value}:{row.official_id or row.institution_id}"
        self.version.data = str(row.version)

    def details(self) -> RequestDetails:
        """What was typed."""
        whom, _colon, number = str(self.target.data).partition(":")
        key = whole_number(number)
        kind = Whom(whom)
        is_institution = kind is Whom.INSTITUTION
        days = (_day(word) for word in _words(self.days.data))
        return RequestDetails(
            whom=kind,
            official_id=None if is_institution else key,
            institution_id=key if is_institution else None,
            topics=self.topics.data,
            days=tuple(day for day in days if day),
            length_minutes=self.length_minutes.data,
            language=self.language.data or None,
            people=self.people.data,
            needs_hall=self.needs_hall.data,
            priority=self.priority.data,
        )


def _words(text: str | None) -> Iterable[str]:
    return (text or "").replace(",", " ").replace(";", " ").split()


def _day(word: str) -> date | None:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(word, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


class PlanForm(Form):
    """Which days are to be planned."""

    first_on = DateField(_l("First day"), [DataRequired(_l("Give a day."))])
    last_on = DateField(_l("Last day"), [DataRequired(_l("Give a day."))])
    seconds = SelectField(_l("Search"), coerce=chosen_number, default=QUICK)
    may_move = BooleanField(
        _l("Confirmed meetings may move"),
        description=_l("Only where more requests can be met by it."),
    )

    def offer(self) -> None:
        """Fill the list of lengths."""
        self.seconds.choices = [
            (QUICK, _("Quickly (some seconds)")),
            (THOROUGH, _("Thoroughly (half a minute)")),
        ]

    def details(self) -> PlanDetails:
        """What was typed."""
        names = ("first_on", "last_on", "seconds", "may_move")
        return PlanDetails(**{name: self[name].data for name in names})


class CalendarForm(Form):
    """Whose calendar a new address is to show."""

    subject = SelectField(_l("Whose meetings"))

    def offer(self, groups: dict[str, list[tuple[str, str]]]) -> None:
        """Fill the list, by groups."""
        self.subject.choices = groups

    def chosen(self) -> Subject:
        """What was chosen."""
        kind, _colon, number = str(self.subject.data).partition(":")
        key = whole_number(number)
        name = CalendarKind(kind)
        ids = {} if name is CalendarKind.ELECTION else {f"{name.value}_id": key}
        return Subject(kind=name, **ids)
