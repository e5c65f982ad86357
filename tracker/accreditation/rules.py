"""An accreditation's life as a table, and what the law asks before each step.

Sources: Constitutional Law "On Elections in the Republic of Kazakhstan", article 20-2 (the
Ministry presents, the commission accredits, observation begins with accreditation); the
Declaration of Principles for International Election Observation (the pledge).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from tracker.accreditation.models import LIVE, AccreditationStatus, Function, Ground
from tracker.elections.rules import document_valid_through
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability

S = AccreditationStatus
SUPPORT_STAFF = frozenset({Function.INTERPRETER, Function.ASSISTANT, Function.DRIVER})
LIVE_STATUSES = frozenset(S(status) for status in LIVE)
# Identity is what was submitted: nobody changes it behind the commission's back.
IDENTITY_EDITABLE = frozenset({S.DRAFT, S.REGISTERED})
PRESENTED = frozenset({S.SUBMITTED, S.ACCREDITED})  # live, and as they were presented

GROUNDS_OF_REFUSAL = (
    Ground.LATE,
    Ground.INCOMPLETE,
    Ground.DUPLICATE,
    Ground.DOCUMENT_INVALID,
    Ground.ORGANIZATION_NOT_INVITED,
    Ground.INTERFERENCE,
    Ground.OTHER,
)
GROUNDS_OF_WITHDRAWAL = (
    Ground.OWN_REQUEST,
    Ground.REPLACED,
    Ground.DUPLICATE,
    Ground.DECEASED,
    Ground.OTHER,
)
GROUNDS_OF_REVOCATION = (Ground.INTERFERENCE, Ground.DOCUMENT_INVALID, Ground.OTHER)


class Step(StrEnum):
    """A step of an accreditation's life."""

    CREATE = "create"
    REGISTER = "register"
    SUBMIT = "submit"
    RETURN = "return"
    ACCREDIT = "accredit"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Way:
    """Where a step leads from and to, who takes it, and on which grounds (none asked if empty)."""

    step: Step
    sources: frozenset[AccreditationStatus | None]
    target: AccreditationStatus
    capability: Capability | None  # None: the system only
    grounds: tuple[Ground, ...] = ()


# A registered observer may still withdraw: a person leaves before being presented. A submitted
# one is returned by the commission first.
WAYS: dict[Step, Way] = {
    way.step: way
    for way in (
        Way(Step.CREATE, frozenset({None}), S.DRAFT, Capability.EDIT_OBSERVERS),
        Way(Step.REGISTER, frozenset({S.DRAFT}), S.REGISTERED, Capability.EDIT_OBSERVERS),
        Way(Step.SUBMIT, frozenset({S.REGISTERED}), S.SUBMITTED, Capability.SUBMIT_OBSERVERS),
        Way(Step.RETURN, frozenset({S.SUBMITTED}), S.REGISTERED, Capability.DECIDE_SUBMISSIONS),
        Way(Step.ACCREDIT, frozenset({S.SUBMITTED}), S.ACCREDITED, Capability.DECIDE_SUBMISSIONS),
        Way(
            Step.REFUSE,
            frozenset({S.SUBMITTED}),
            S.REFUSED,
            Capability.DECIDE_SUBMISSIONS,
            GROUNDS_OF_REFUSAL,
        ),
        Way(
            Step.WITHDRAW,
            frozenset({S.DRAFT, S.REGISTERED, S.ACCREDITED}),
            S.WITHDRAWN,
            Capability.EDIT_OBSERVERS,
            GROUNDS_OF_WITHDRAWAL,
        ),
        Way(
            Step.REVOKE,
            frozenset({S.ACCREDITED}),
            S.REVOKED,
            Capability.DECIDE_SUBMISSIONS,
            GROUNDS_OF_REVOCATION,
        ),
        Way(Step.EXPIRE, frozenset({S.ACCREDITED}), S.EXPIRED, None),
    )
}


def steps_from(status: AccreditationStatus | None) -> tuple[Step, ...]:
    """The steps that the table allows from `status`."""
    return tuple(step for step, way in WAYS.items() if status in way.sources)


def target_of(step: Step, status: AccreditationStatus | None) -> AccreditationStatus | None:
    """Where `step` leads from `status`; None where the table has no such way."""
    way = WAYS[step]
    return way.target if status in way.sources else None


class Row(Protocol):
    """What the fold needs of one row of history."""

    id: int
    to_status: AccreditationStatus
    effective_at: datetime
    recorded_at: datetime


def status_from(
    history: Iterable[Row], *, as_of: datetime | None = None, known_at: datetime | None = None
) -> AccreditationStatus | None:
    """The status that the history gives: the last row in force by moment of effect, then order.

    `as_of` includes what takes effect at that moment; `known_at` what was recorded by then.
    """
    rows = [
        row
        for row in history
        if (as_of is None or row.effective_at <= as_of)
        and (known_at is None or row.recorded_at <= known_at)
    ]
    last = max(rows, key=lambda row: (row.effective_at, row.id), default=None)
    return last.to_status if last else None


class Missing(StrEnum):
    """What an application lacks before it can be registered."""

    NAMES = "names"
    BIRTH_DATE = "birth_date"
    CITIZENSHIP = "citizenship"
    HOST_CITIZEN = "host_citizen"
    DOCUMENT = "document"
    DOCUMENT_EXPIRY = "document_expiry"
    DOCUMENT_EXPIRES_EARLY = "document_expires_early"
    PORTRAIT = "portrait"
    FUNCTION = "function"
    NOTE_VERBALE = "note_verbale"
    PLEDGE = "pledge"


MISSING_LABELS = {
    Missing.NAMES: N_("names as in the passport"),
    Missing.BIRTH_DATE: N_("date of birth"),
    Missing.CITIZENSHIP: N_("citizenship"),
    Missing.HOST_CITIZEN: N_("a citizenship other than the host country’s"),
    Missing.DOCUMENT: N_("type, number and issuer of the travel document"),
    Missing.DOCUMENT_EXPIRY: N_("date until which the travel document is valid"),
    Missing.DOCUMENT_EXPIRES_EARLY: N_("a travel document valid through the day after election"),
    Missing.PORTRAIT: N_("portrait"),
    Missing.FUNCTION: N_("function"),
    Missing.NOTE_VERBALE: N_("the delegation’s note verbale"),
    Missing.PLEDGE: N_("signed pledge"),
}


@dataclass(frozen=True, kw_only=True)
class Application:
    """What is known of one application; plain values."""

    surname: str
    given_names: str
    birth_date: str | None
    citizenship: str | None
    has_document: bool
    document_expires_on: date | None
    has_portrait: bool
    function: Function | None
    has_note_verbale: bool
    pledge_signed_on: date | None


def missing(application: Application, *, election_on: date, host: str) -> tuple[Missing, ...]:
    """Everything that the application lacks, all at once; empty where it can be registered."""
    valid_through = document_valid_through(election_on)
    expires_on = application.document_expires_on
    lacks = {
        Missing.NAMES: not (application.surname or application.given_names),
        Missing.BIRTH_DATE: not application.birth_date,
        Missing.CITIZENSHIP: not application.citizenship,
        Missing.HOST_CITIZEN: application.citizenship == host,
        Missing.DOCUMENT: not application.has_document,
        Missing.DOCUMENT_EXPIRY: application.has_document and expires_on is None,
        Missing.DOCUMENT_EXPIRES_EARLY: expires_on is not None and expires_on < valid_through,
        Missing.PORTRAIT: not application.has_portrait,
        Missing.FUNCTION: application.function is None,
        Missing.NOTE_VERBALE: not application.has_note_verbale,
        Missing.PLEDGE: application.pledge_signed_on is None,
    }
    return tuple(code for code, is_missing in lacks.items() if is_missing)


def counts_as_observer(function: Function | None) -> bool:
    """Whether a person with this function is an observer; support staff never are."""
    return function not in SUPPORT_STAFF


def may_take_function(
    status: AccreditationStatus, old: Function | None, new: Function | None
) -> bool:
    """Whether the function may change: observers and support staff do not mix once submitted."""
    if status in IDENTITY_EDITABLE:
        return True
    return new is not None and counts_as_observer(old) == counts_as_observer(new)
