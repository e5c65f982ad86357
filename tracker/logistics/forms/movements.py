"""What coordinators type about arrivals, departures and points; local times of the election."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from tracker.kernel import clock
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
from tracker.logistics.labels.movements import DIRECTIONS, MEANS, POINT_KINDS
from tracker.logistics.models.movements import Direction, Means, Movement, Point, PointKind
from tracker.logistics.operations.movements import MOST_PEOPLE, MovementDetails
from tracker.logistics.operations.points import PointDetails
from tracker.logistics.rules.movements import clock_fault

TEXTS = ("number", "place", "met_by", "met_by_phone", "vehicle", "plate", "driver", "hotel", "note")


class MovementForm(VersionedForm):
    """Enter or change an arrival or a departure."""

    delegation_id = SelectField(
        _l("Delegation"), [DataRequired(_l("Choose the delegation."))], coerce=chosen_number
    )
    direction = SelectField(_l("Direction"), coerce=Direction)
    means = SelectField(_l("Means"), coerce=Means)
    number = line(_l("Flight or train"), 20, _l("For example ZZ 123."))
    place = line(_l("From or to"), 100, _l("The city that people come from or go to."))
    point_id = SelectField(_l("Airport, station or border crossing"), coerce=int)
    day = DateField(_l("Day"), [DataRequired(_l("Give a day."))])
    moves = TimeField(_l("Local time"), [InputRequired(_l("Give a time."))])
    people = IntegerField(
        _l("People"),
        [Optional(), NumberRange(1, MOST_PEOPLE, _l("Give a number from 1 to 5,000."))],
        description=_l("Empty: as many as are named below."),
    )
    passengers = Boxes(_l("Observers by name"), coerce=int)
    met_by = line(_l("Met or seen off by"), 200)
    met_by_phone = line(_l("Telephone"), 60)
    vehicle = line(_l("Vehicle"), 100)
    plate = line(_l("Number plate"), 20)
    driver = line(_l("Driver"), 200, _l("Name and telephone number."))
    hotel = line(_l("Accommodation"), 200, _l("Of arrivals only."))
    note = lines(_l("Note"), 4000, _l("For headquarters alone: it is printed nowhere."))
    reason = line(_l("Reason of the change"), 500)

    time_zone = "UTC"

    def offer(
        self, *, delegations: Choices, points: Choices, passengers: Choices, time_zone: str
    ) -> None:
        """Fill the lists to choose from, and say whose local time is typed."""
        offer_one(self.delegation_id, delegations)
        self.point_id.choices = points
        self.passengers.choices = passengers
        self.direction.choices = [(key.value, _(label)) for key, label in DIRECTIONS.items()]
        self.means.choices = [(key.value, _(label)) for key, label in MEANS.items()]
        self.time_zone = time_zone

    def validate_moves(self, field: TimeField) -> None:
        """Refuse a time that the clocks skip or show twice."""
        if self.day.data and field.data:
            fault = clock_fault(datetime.combine(self.day.data, field.data), self.time_zone)
            if fault:
                raise ValidationError(_(fault))

    def show(self, row: Movement) -> None:
        """Fill the form from a stored movement."""
        for name in (*TEXTS, "delegation_id", "direction", "means", "point_id"):
            self[name].data = getattr(row, name)
        moment = clock.local(row.moves_at, self.time_zone)
        self.day.data, self.moves.data = moment.date(), moment.time()
        named = [each.accreditation_id for each in row.passengers]
        self.passengers.data = named
        self.people.data = None if len(named) == row.people else row.people
        self.version.data = str(row.version)

    def details(self) -> MovementDetails:
        """What was typed."""
        typed = datetime.combine(self.day.data, self.moves.data)
        return MovementDetails(
            **{name: self[name].data for name in (*TEXTS, "direction", "means", "people")},
            point_id=self.point_id.data,
            moves_at=typed.replace(tzinfo=ZoneInfo(self.time_zone)),
            passenger_ids=tuple(self.passengers.data or ()),
        )


class CancelForm(Form):
    """Why a movement or a team is cancelled."""

    reason = line(_l("Reason"), 500, required=_l("Give the reason."))


class PointForm(VersionedForm):
    """An airport, a station or a border crossing."""

    kind = SelectField(_l("Kind"), coerce=PointKind)
    name_en = line(_l("Name in English"), 100, required=_l("Give a name."))
    name_ru = line(_l("Name in Russian"), 100, required=_l("Give a name."))
    name_kk = line(_l("Name in Kazakh"), 100, required=_l("Give a name."))
    is_active = BooleanField(_l("In use"), default=True)

    def offer(self) -> None:
        """Fill the list of kinds."""
        self.kind.choices = [(key.value, _(label)) for key, label in POINT_KINDS.items()]

    def show(self, row: Point) -> None:
        """Fill the form from a stored point."""
        for name in ("kind", "name_en", "name_ru", "name_kk", "is_active"):
            self[name].data = getattr(row, name)
        self.version.data = str(row.version)

    def details(self) -> PointDetails:
        """What was typed."""
        names = ("kind", "name_en", "name_ru", "name_kk", "is_active")
        return PointDetails(**{name: self[name].data for name in names})
