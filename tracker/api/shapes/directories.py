"""Elections, organizations, delegations, institutions and officials."""

from datetime import date, datetime

from pydantic import Field

from tracker.api.shapes.common import AskedFlag, Listed, Names, PageQuery, Shape, line
from tracker.delegations.models import DelegationFormat, DelegationStatus
from tracker.elections.models import ElectionKind
from tracker.organizations.models import OrganizationKind


class Election(Shape):
    """One election or referendum, or one round of it."""

    slug: str = Field(description="By which addresses name it")
    kind: ElectionKind
    name: Names
    host_country: str
    time_zone: str
    election_on: date
    opens_at: datetime = Field(description="Accreditation opens")
    closes_at: datetime = Field(description="Accreditation closes")
    ends_at: datetime = Field(description="Accreditations expire")


class ElectionList(Listed[Election]):
    """Elections, the latest first."""


class OrganizationQuery(PageQuery):
    """Which organizations."""

    q: line(100) = ""  # type: ignore[valid-type]
    kind: OrganizationKind | None = None
    archived: AskedFlag = False


class Organization(Shape):
    """A sending organization or State."""

    id: int
    kind: OrganizationKind
    acronym: str | None = Field(description="In Latin letters")
    acronym_ru: str | None = Field(description="In Russian")
    acronym_kk: str | None = Field(description="In Kazakh")
    name: Names
    country: str | None = Field(description="ISO 3166-1 alpha-2, of a State")
    seat_country: str | None
    is_archived: bool


class OrganizationList(Listed[Organization]):
    """Organizations by English name."""


class DelegationQuery(PageQuery):
    """Which delegations."""

    q: line(100) = ""  # type: ignore[valid-type]
    status: DelegationStatus | None = None


class Numbers(Shape):
    """How many observers of a delegation stand where; support staff are not counted."""

    draft: int
    registered: int
    submitted: int
    accredited: int


class DelegationRow(Shape):
    """A delegation in a list."""

    id: int
    organization_id: int
    acronym: str | None
    acronym_ru: str | None
    acronym_kk: str | None
    name: Names
    country: str | None
    status: DelegationStatus
    format: DelegationFormat
    planned: int
    observers: Numbers


class DelegationList(Listed[DelegationRow]):
    """Delegations, organizations first."""


class Delegation(DelegationRow):
    """A delegation with all that is known of it."""

    head: str | None
    note_verbale_number: str | None
    note_verbale_on: date | None
    invited_on: date | None
    liaison_officer: str | None
    planned_core: int
    planned_long_term: int
    planned_short_term: int
    arrival_on: date | None
    departure_on: date | None
    remarks: str | None


class Institution(Shape):
    """Where officials work."""

    id: int
    name: Names
    address: str | None
    time_zone: str | None = Field(description="Of its hours; null: the election's")


class InstitutionList(Listed[Institution]):
    """Institutions by English name."""


class Official(Shape):
    """A person whom delegations meet."""

    id: int
    institution_id: int
    name: Names
    position: Names
    precedence: int
    deputy_of_id: int | None
    is_active: bool


class OfficialList(Listed[Official]):
    """Officials in order of precedence."""
