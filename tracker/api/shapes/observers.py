"""Observers: the list, one, what is sent of one, and the steps that one takes."""

from datetime import date, datetime

from pydantic import Field, StrictBool

from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.accreditation.rules import Missing
from tracker.api.shapes.common import (
    AskedId,
    Citizenship,
    Day,
    Id,
    Issuer,
    Listed,
    Moment,
    Picture,
    Shape,
    SizedQuery,
    line,
)
from tracker.observers.models import DocumentType, Sex
from tracker.people import Figure, Lacking


class ObserverQuery(SizedQuery):
    """Which observers: as the filters of the page, now or as of a moment."""

    q: line(100) = ""  # type: ignore[valid-type]
    figure: Figure | None = Field(default=None, description="Exactly those whom a figure counts")
    status: AccreditationStatus | None = None
    delegation: AskedId | None = None
    citizenship: Citizenship | None = None
    function: Function | None = None
    region: line(6) = ""  # type: ignore[valid-type]
    sex: Sex | None = None
    missing: Lacking | None = None
    as_of: Moment | None = Field(default=None, description="As of which moment of effect")
    known_at: Moment | None = Field(default=None, description="What was recorded by then")


class ObserverRow(Shape):
    """An observer in a list."""

    id: int
    surname: str
    given_names: str
    native_name: str | None
    citizenship: str | None
    delegation_id: int
    sender: str
    status: AccreditationStatus
    function: Function | None
    region: str | None
    has_portrait: bool


class ObserverList(Listed[ObserverRow]):
    """Observers by name."""


class Document(Shape):
    """The travel document; of its number the end."""

    kind: DocumentType
    issuing_state: str
    number_ending: str
    expires_on: date | None


class Step(Shape):
    """One step of an accreditation's life."""

    from_status: AccreditationStatus | None
    to_status: AccreditationStatus
    effective_at: datetime
    recorded_at: datetime
    by: str
    ground: Ground | None
    ground_text: str | None
    submission: int | None = Field(description="Its number")
    resolution: str | None = Field(description="Its number")


class Observer(Shape):
    """One person's accreditation in one delegation."""

    id: int
    delegation_id: int
    status: AccreditationStatus
    status_at: datetime
    surname: str
    given_names: str
    native_name: str | None
    sex: Sex | None
    citizenship: str | None
    birth_date: date | None = Field(description="Null without the scope `personal`")
    email: str | None = Field(description="Null without the scope `personal`")
    phone: str | None = Field(description="Null without the scope `personal`")
    occupation: str | None
    languages: str
    document: Document | None
    has_portrait: bool
    function: Function | None
    region: str | None
    pledge_signed_on: date | None
    replaces_id: int | None
    missing: list[Missing] = Field(description="What it lacks to be registered")
    history: list[Step]


class DocumentNumber(Shape):
    """The number of a travel document; that it was shown is on record."""

    kind: DocumentType
    issuing_state: str
    number: str


class Details(Shape):
    """What may be said of a person and of their place; what is left out stays as it is."""

    surname: line(100) | None = None  # type: ignore[valid-type]
    given_names: line(100) | None = None  # type: ignore[valid-type]
    native_name: line(200) | None = None  # type: ignore[valid-type]
    sex: Sex | None = None
    birth_date: Day | None = None
    citizenship: Citizenship | None = None
    document_kind: DocumentType | None = None
    document_number: line(20) | None = None  # type: ignore[valid-type]
    issuing_state: Issuer | None = None
    document_expires_on: Day | None = None
    portrait: Picture | None = None
    occupation: line(200) | None = None  # type: ignore[valid-type]
    languages: line(100) | None = None  # type: ignore[valid-type]
    email: line(254) | None = None  # type: ignore[valid-type]
    phone: line(60) | None = None  # type: ignore[valid-type]
    function: Function | None = None
    region: line(6) | None = None  # type: ignore[valid-type]
    pledge_signed_on: Day | None = None
    is_other_person: StrictBool = Field(
        default=False, description="True: not one of those recorded whom this person is like"
    )


class NewObserver(Details):
    """A person who is entered into a delegation as a draft."""

    delegation_id: Id
    surname: line(100, least=1)  # type: ignore[valid-type]
    replaces_id: Id | None = None


class Ending(Shape):
    """On which ground an accreditation ends, and when; now, where no moment is given."""

    ground: Ground
    ground_text: line(500) | None = None  # type: ignore[valid-type]
    effective_at: Moment | None = None
