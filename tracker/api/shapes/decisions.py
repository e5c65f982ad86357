"""Submissions, what the commission decides of them, totals and certificates."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tracker.accreditation.models import AccreditationStatus, Function, Ground
from tracker.api.shapes.common import (
    AskedFlag,
    AskedId,
    Id,
    Listed,
    Moment,
    Names,
    PageQuery,
    Shape,
    line,
)
from tracker.credentials.models import CertificateKind, CertificateStatus

MOST_AT_ONCE = 5_000


class Submission(Shape):
    """The Ministry's presentation of candidates to the commission."""

    id: int
    number: int
    submitted_at: datetime
    submitted_by: str
    remark: str | None
    candidates: int
    waiting: int
    accredited: int


class SubmissionList(Listed[Submission]):
    """Submissions, the newest first."""


class NewSubmission(Shape):
    """Registered observers who are presented."""

    observers: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
    remark: line(500) | None = None  # type: ignore[valid-type]


class DecisionKind(StrEnum):
    """What is decided of a candidate."""

    ACCREDITED = "accredited"
    REFUSED = "refused"
    RETURNED = "returned"


class Candidate(Shape):
    """One candidate of a submission and what was decided."""

    observer_id: int
    name: str
    citizenship: str | None
    sender: str
    function: Function | None
    decision: DecisionKind | None
    ground: Ground | None
    ground_text: str | None
    resolution: str | None = Field(description="Its number")


class CandidateList(Listed[Candidate]):
    """The candidates of a submission, by name."""


class CandidateQuery(PageQuery):
    """Which candidates."""

    waiting: AskedFlag = False


class Decision(Shape):
    """What is decided of one candidate; a ground where it is refused."""

    observer_id: Id
    decision: DecisionKind
    ground: Ground | None = None
    ground_text: line(500) | None = None  # type: ignore[valid-type]


class Decisions(Shape):
    """A resolution and what it decides; who is only returned needs none."""

    decisions: Annotated[list[Decision], Field(min_length=1, max_length=MOST_AT_ONCE)]
    resolution_number: line(40) | None = None  # type: ignore[valid-type]
    effective_at: Moment | None = None
    remark: line(500) | None = None  # type: ignore[valid-type]


class TotalsQuery(Shape):
    """As of which moment of effect, and what was recorded by when."""

    as_of: Moment | None = None
    known_at: Moment | None = None


class Figures(Shape):
    """Every figure; groups by acronym or name, ISO 3166 codes, functions, sexes."""

    election: str
    as_of: datetime | None
    known_at: datetime | None
    observers: int
    organizations: int
    states: int
    observers_from_organizations: int
    observers_from_states: int
    citizenships: int
    by_organization: dict[str, int]
    by_state: dict[str, int]
    by_citizenship: dict[str, int]
    by_function: dict[str, int]
    by_sex: dict[str, int]
    by_region: dict[str, int]
    pipeline: dict[str, int]


class Totals(Figures):
    """Every figure, and the sentence that says them."""

    sentence: Names


class CertificateQuery(PageQuery):
    """Which certificates."""

    q: line(100) = ""  # type: ignore[valid-type]
    status: CertificateStatus | None = None
    delegation: AskedId | None = None
    function: Function | None = None
    kind: CertificateKind | None = None


class Certificate(Shape):
    """What an accredited person carries; it holds only while the accreditation stands."""

    id: int
    number: str
    observer_id: int
    delegation_id: int
    surname: str
    given_names: str
    kind: CertificateKind
    function: Function
    status: CertificateStatus
    status_at: datetime
    accreditation_status: AccreditationStatus
    issued_at: datetime
    issued_by: str


class CertificateList(Listed[Certificate]):
    """Certificates, the newest first."""


class Bulletin(Shape):
    """A published statement of totals as of a moment; it is never changed."""

    number: int
    as_of: datetime
    known_at: datetime
    published_at: datetime
    text: Names
    figures: Figures


class BulletinList(Listed[Bulletin]):
    """Published bulletins, the newest first."""


class SenderRow(Shape):
    """Who has accredited observers, and how many."""

    organization_id: int
    kind: str
    acronym: str | None
    acronym_ru: str | None
    acronym_kk: str | None
    country: str | None
    name: Names
    observers: int


class Register(Listed[SenderRow]):
    """Who has accredited observers, by English name; all of them on one page."""
