"""Lists of observers: what is brought, what was read of it, and what is said of its rows."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from tracker.accreditation.models import AccreditationStatus, Function
from tracker.api.shapes.common import (
    AskedId,
    Day,
    Id,
    Listed,
    PageQuery,
    Shape,
    base_64,
    line,
    lines,
)
from tracker.lists.models import ListStatus, RowStatus
from tracker.observers.models import DuplicateVerdict

LARGEST_LIST = 40_000_000  # characters in base 64
LARGEST_PORTRAITS = 128_000_000
LONGEST_CELL = 400
MOST_DROPPED = 10_000

File = Annotated[
    str,
    StringConstraints(min_length=4, max_length=LARGEST_LIST),
    AfterValidator(base_64),
    Field(description="A spreadsheet, CSV, Word or PDF file in base 64"),
]
Portraits = Annotated[
    str,
    StringConstraints(min_length=4, max_length=LARGEST_PORTRAITS),
    AfterValidator(base_64),
    Field(description="A ZIP archive of portraits in base 64"),
]


class ListQuery(PageQuery):
    """Which lists."""

    delegation: AskedId | None = None
    status: ListStatus | None = None


class RowCounts(Shape):
    """How many rows a list has of each kind."""

    new: int
    changed: int
    same: int
    problem: int
    left_out: int


class Column(Shape):
    """What a column of the file holds."""

    index: int
    header: str
    field: str | None


class Reading(Shape):
    """How the file was read."""

    sheet: str | None
    sheets: list[str]
    encoding: str | None
    delimiter: str | None
    header_row: int
    columns: list[Column]


class ReceivedList(Shape):
    """A list as it stands: being prepared by its delegation, with headquarters, or ended."""

    id: int
    delegation_id: int
    filename: str
    status: ListStatus
    is_with_delegation: bool = Field(description="It is not sent yet, or was returned")
    function: Function | None = Field(description="Of rows that state none")
    pledge_signed_on: date | None = Field(description="By everyone on the list")
    rows: RowCounts | None = Field(
        description="Null before it is read, and for a delegation while headquarters checks it"
    )
    reading: Reading | None = Field(description="Null as `rows` is")
    dropped: list[int] = Field(description="Observers of earlier lists who are not on this one")
    failure: str | None = Field(description="Why it was not accepted")
    return_reason: str | None
    created_at: datetime
    created_by: str
    sent_at: datetime | None
    accepted_at: datetime | None


class ReceivedLists(Listed[ReceivedList]):
    """Lists received, the newest first."""


class NewList(Shape):
    """A file from a delegation; a focal point's stays with the delegation until it is sent."""

    delegation_id: Id
    filename: line(200, least=1)  # type: ignore[valid-type]
    content: File
    portraits: Portraits | None = None
    function: Function | None = None
    pledge_signed_on: Day | None = None


class ColumnChoice(Shape):
    """What a column holds, "" for nothing that is needed."""

    index: Annotated[StrictInt, Field(ge=0, le=1_000)]
    field: line(40)  # type: ignore[valid-type]


class Choices(Shape):
    """How the file is to be read, against what was recognized; what is left out is recognized."""

    sheet: line(200) | None = None  # type: ignore[valid-type]
    encoding: line(20) | None = None  # type: ignore[valid-type]
    delimiter: Annotated[str, StringConstraints(max_length=1)] | None = None
    header_row: Annotated[StrictInt, Field(ge=0, le=1_000)] | None = None
    day_first: StrictBool | None = None
    surname_first: StrictBool | None = None
    columns: Annotated[list[ColumnChoice], Field(max_length=200)] = []
    function: Function | None = None
    pledge_signed_on: Day | None = None


class RowQuery(PageQuery):
    """Which rows of a list."""

    status: RowStatus | None = None


class Cells(Shape):
    """The cells of a row; dates as ISO 8601 where they were understood."""

    surname: str | None = None
    given_names: str | None = None
    native_name: str | None = None
    sex: str | None = None
    birth_date: str | None = None
    citizenship: str | None = None
    document_number: str | None = None
    issuing_state: str | None = None
    document_expiry: str | None = None
    function: str | None = None
    email: str | None = None
    phone: str | None = None


class RowProblem(Shape):
    """What keeps a row from being accepted, and where it stands."""

    cell: str
    field: str
    message: str


class Likeness(Shape):
    """Somebody on record who may be the person of the row."""

    person_id: int
    name: str


class ListedRow(Shape):
    """One row: who it is, what it would do, and what became of it."""

    number: int
    status: RowStatus | None = Field(
        description="Null for a delegation once headquarters has the list"
    )
    is_left_out: bool
    values: Cells = Field(description="As understood")
    problems: list[RowProblem]
    likenesses: list[Likeness]
    observer_id: int | None
    observer_status: AccreditationStatus | None


class ListedRows(Listed[ListedRow]):
    """Rows of a list by number."""


class TypedCells(Shape):
    """Cells as they are typed anew; what is left out stays as it is, "" empties a cell."""

    surname: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    given_names: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    native_name: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    sex: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    birth_date: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    citizenship: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    document_number: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    issuing_state: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    document_expiry: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    function: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    email: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]
    phone: line(LONGEST_CELL) | None = None  # type: ignore[valid-type]


class Identity(Shape):
    """Whether the row and somebody whom it is like are one person."""

    person_id: Id
    verdict: DuplicateVerdict


class RowChange(Shape):
    """What is mended in a row, whether it is left out, and who it is."""

    cells: TypedCells | None = None
    is_left_out: StrictBool | None = None
    identity: Identity | None = None


class Replacement(Shape):
    """An observer in whose place somebody comes who is in a row of the list."""

    observer_id: Id
    row: Id


class Handing(Shape):
    """What becomes of observers who were on earlier lists and are not on this one (`dropped`);
    they stay, where nothing is said."""

    withdrawn: Annotated[list[Id], Field(max_length=MOST_DROPPED)] = []
    replaced: Annotated[list[Replacement], Field(max_length=MOST_DROPPED)] = []


class Return(Shape):
    """What the delegation is to mend."""

    reason: lines(2_000, least=1)  # type: ignore[valid-type]
