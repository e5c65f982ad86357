"""Accreditations and their append-only history as stored."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.database import Model, Versioned, enum_type, ordered_by_bytes
from tracker.observers.models import Observer


class AccreditationStatus(StrEnum):
    """The states of an accreditation's life."""

    DRAFT = "draft"
    REGISTERED = "registered"
    SUBMITTED = "submitted"
    ACCREDITED = "accredited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Function(StrEnum):
    """What a person does in the delegation; support staff never count as observers."""

    HEAD = "head"
    DEPUTY_HEAD = "deputy_head"
    CORE_TEAM = "core_team"
    LONG_TERM_OBSERVER = "long_term_observer"
    SHORT_TERM_OBSERVER = "short_term_observer"
    EXPERT = "expert"
    INTERPRETER = "interpreter"
    ASSISTANT = "assistant"
    DRIVER = "driver"


class Ground(StrEnum):
    """Why an accreditation was refused, withdrawn or revoked."""

    LATE = "late"
    INCOMPLETE = "incomplete"
    DUPLICATE = "duplicate"
    DOCUMENT_INVALID = "document_invalid"
    ORGANIZATION_NOT_INVITED = "organization_not_invited"
    INTERFERENCE = "interference"
    OWN_REQUEST = "own_request"
    REPLACED = "replaced"
    DECEASED = "deceased"
    OTHER = "other"


LIVE = ("draft", "registered", "submitted", "accredited")
_LIVE_SQL = "status IN ('draft', 'registered', 'submitted', 'accredited')"
_LIVE_WHERE = sa.text("is_live")


class Accreditation(Versioned, Model):
    """One observer's application and standing in one delegation for one election.

    `status` and `is_live` are derived from the history and stored with it in one transaction.
    """

    __tablename__ = "accreditations"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["delegation_id", "election_id"], ["delegations.id", "delegations.election_id"]
        ),
        # One person, one live accreditation an election: the database refuses a second.
        sa.Index(
            "uq_accreditations_one_live",
            "election_id",
            "observer_id",
            unique=True,
            sqlite_where=_LIVE_WHERE,
            postgresql_where=_LIVE_WHERE,
        ),
        sa.Index(
            "uq_accreditations_one_replacement",
            "replaces_id",
            unique=True,
            sqlite_where=sa.text("is_live AND replaces_id IS NOT NULL"),
            postgresql_where=sa.text("is_live AND replaces_id IS NOT NULL"),
        ),
        sa.CheckConstraint(f"is_live = ({_LIVE_SQL})", name="live_follows_status"),
        # Lists by name, and those that one filter narrows: a page is the beginning of a range.
        sa.Index("ix_accreditations_by_name", "election_id", "sort_name", "id"),
        sa.Index("ix_accreditations_by_status", "election_id", "status", "sort_name", "id"),
        sa.Index("ix_accreditations_by_delegation", "delegation_id", "sort_name", "id"),
        sa.Index("ix_accreditations_by_function", "election_id", "function", "sort_name", "id"),
        sa.Index("ix_accreditations_by_region", "election_id", "region", "sort_name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    delegation_id: Mapped[int]
    # The person.
    observer_id: Mapped[int] = mapped_column(sa.ForeignKey("observers.id"), index=True)
    # The person's `sort_key`, kept here so that lists need one index.
    sort_name: Mapped[str] = mapped_column(ordered_by_bytes(220), info={"audit": "skip"})
    # Where it stands now. Counted by (`counts`): the value before a change must be known when it
    # is flushed.
    status: Mapped[AccreditationStatus] = mapped_column(
        enum_type(AccreditationStatus), active_history=True
    )
    # Whether it is one of the four states of which a person may have one.
    is_live: Mapped[bool] = mapped_column(info={"audit": "skip"})
    status_at: Mapped[datetime]  # when the current status took effect
    function: Mapped[Function | None] = mapped_column(enum_type(Function), active_history=True)
    # Where the observer works: ISO 3166-2.
    region: Mapped[str | None] = mapped_column(sa.String(6), active_history=True)
    pledge_signed_on: Mapped[date | None]  # the day on which the code of conduct was signed
    # The withdrawn accreditation in whose place it stands.
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accreditations.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    observer: Mapped[Observer] = relationship(lazy="raise")
    delegation: Mapped[Delegation] = relationship(
        lazy="raise",
        primaryjoin="foreign(Accreditation.delegation_id) == Delegation.id",
        viewonly=True,
    )


class Assignment(Model):
    """Function and region of an accreditation from a moment on; append-only."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.Index("ix_assignments_in_force", "accreditation_id", "effective_at", "id"),
        sa.Index("ix_assignments_by_moment", "effective_at", "accreditation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    accreditation_id: Mapped[int] = mapped_column(sa.ForeignKey("accreditations.id"))
    function: Mapped[Function | None] = mapped_column(enum_type(Function))
    # Since then: ISO 3166-2; none: not one region.
    region: Mapped[str | None] = mapped_column(sa.String(6))
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(200))


class Submission(Versioned, Model):
    """The Ministry's presentation of candidates to the commission."""

    __tablename__ = "submissions"
    __table_args__ = (sa.UniqueConstraint("election_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    number: Mapped[int]  # 1, 2, 3 … within the election
    submitted_at: Mapped[datetime]  # when it was presented
    # Who presented it, as they were called then.
    submitted_by: Mapped[str] = mapped_column(sa.String(200))
    remark: Mapped[str | None] = mapped_column(sa.String(500))  # what was said about it
    # Why it was presented after the close.
    override_reason: Mapped[str | None] = mapped_column(sa.String(500))


class Resolution(Versioned, Model):
    """The commission's decision, numbered and dated; it takes effect at one moment."""

    __tablename__ = "resolutions"
    __table_args__ = (sa.UniqueConstraint("election_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    number: Mapped[str] = mapped_column(sa.String(40))  # as the commission wrote it: 122/575
    effective_at: Mapped[datetime]  # the moment at which it takes effect
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    remark: Mapped[str | None] = mapped_column(sa.String(500))  # what was said about it


class SubmissionItem(Model):
    """One candidate of a submission and what was decided of it."""

    __tablename__ = "submission_items"
    __table_args__ = (
        sa.UniqueConstraint("submission_id", "accreditation_id"),
        sa.Index("ix_submission_items_by_decision", "submission_id", "decision"),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('accredited', 'refused', 'returned')",
            name="decision",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The submission that it stands in.
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"))
    accreditation_id: Mapped[int] = mapped_column(sa.ForeignKey("accreditations.id"), index=True)
    # What was decided; none: nothing yet.
    decision: Mapped[str | None] = mapped_column(sa.String(20))
    ground: Mapped[Ground | None] = mapped_column(enum_type(Ground))
    # The ground in the commission's own words.
    ground_text: Mapped[str | None] = mapped_column(sa.String(500))
    # The resolution that decided.
    resolution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resolutions.id"), index=True)
    decided_at: Mapped[datetime | None]  # when it was recorded


class Transition(Model):
    """One step of an accreditation's life; append-only, the source of every figure."""

    __tablename__ = "transitions"
    __table_args__ = (
        sa.Index("ix_transitions_in_force", "accreditation_id", "effective_at", "id"),
        sa.Index("ix_transitions_by_moment", "election_id", "effective_at"),
        sa.Index("ix_transitions_by_record", "election_id", "recorded_at"),
        sa.Index("ix_transitions_by_resolution", "resolution_id", "to_status"),
        sa.CheckConstraint("from_status IS NULL OR from_status != to_status", name="moves"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    accreditation_id: Mapped[int] = mapped_column(sa.ForeignKey("accreditations.id"))
    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"))
    from_status: Mapped[AccreditationStatus | None] = mapped_column(
        enum_type(AccreditationStatus, "from_status")
    )
    to_status: Mapped[AccreditationStatus] = mapped_column(
        enum_type(AccreditationStatus, "to_status")
    )
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(sa.String(200))
    ground: Mapped[Ground | None] = mapped_column(enum_type(Ground))
    # The ground in somebody's own words.
    ground_text: Mapped[str | None] = mapped_column(sa.String(500))
    # The submission that the step presents it with.
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    # The resolution that the step follows.
    resolution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("resolutions.id"))
    # Why it was done after the close.
    override_reason: Mapped[str | None] = mapped_column(sa.String(500))
    # The accreditation that took its place.
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accreditations.id"))


class Dimension(StrEnum):
    """By what accreditations are counted."""

    FUNCTION = "function"  # everybody; the others count observers only
    DELEGATION = "delegation"
    CITIZENSHIP = "citizenship"
    SEX = "sex"
    REGION = "region"


class AccreditationCount(Model):
    """How many accreditations of one status a group has now; kept by `counts`."""

    __tablename__ = "accreditation_counts"
    __table_args__ = ({"info": {"audit": "skip"}},)  # follows from rows that are recorded

    election_id: Mapped[int] = mapped_column(sa.ForeignKey("elections.id"), primary_key=True)
    status: Mapped[AccreditationStatus] = mapped_column(
        enum_type(AccreditationStatus), primary_key=True
    )
    dimension: Mapped[Dimension] = mapped_column(enum_type(Dimension), primary_key=True)
    # Value of the dimension; empty: not known.
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    count: Mapped[int]  # how many have it now


class AccreditationCountInQuarter(Model):
    """How many a group of a figure had at the end of a quarter of an hour, and until the next that
    is stored; kept by `quarters`."""

    __tablename__ = "accreditation_counts_by_quarter"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["election_id", "status", "dimension", "key"],
            [
                "accreditation_counts.election_id",
                "accreditation_counts.status",
                "accreditation_counts.dimension",
                "accreditation_counts.key",
            ],
        ),
        {"info": {"audit": "skip"}},  # follows from rows that are recorded
    )

    election_id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[AccreditationStatus] = mapped_column(
        enum_type(AccreditationStatus), primary_key=True
    )
    dimension: Mapped[Dimension] = mapped_column(enum_type(Dimension), primary_key=True)
    # Value of the dimension; empty: not known.
    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    quarter: Mapped[datetime] = mapped_column(primary_key=True)  # when the quarter of an hour began
    count: Mapped[int]  # how many had it at the end of the quarter
