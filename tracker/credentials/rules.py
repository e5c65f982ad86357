"""A certificate's life as a table, how long it holds, and what a verifier may conclude.

Sources: RFC 8392, sections 3.1.4 and 3.1.5 (`exp`: on or after it a token is not accepted; `nbf`:
before it, neither); Constitutional Law "On Elections in the Republic of Kazakhstan", article 20-2
(observation begins with accreditation).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.accreditation.models import AccreditationStatus, Function
from tracker.accreditation.rules import counts_as_observer
from tracker.credentials.models import BatchStatus, CertificateKind, CertificateStatus

S = CertificateStatus
LIVE = frozenset({S.ISSUED, S.PRINTED, S.HANDED_OVER})
UNFINISHED = frozenset({BatchStatus.WAITING, BatchStatus.RUNNING})
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0 O 1 I: read aloud by telephone
CODE_LENGTH = 4
# A new key is published a day before it signs, so that every verifier has heard of it by then.
KEY_OVERLAP = timedelta(days=1)
LIST_MAX_AGE = timedelta(hours=24)  # older lists cannot say that a certificate still holds
CLOCK_TOLERANCE = timedelta(minutes=10)  # by which a verifier's clock may be behind its own lists
DELTA_OVERLAP = timedelta(hours=1)  # a delta reaches further back: no change slips between two


class Step(StrEnum):
    """A step of a certificate's life."""

    PRINT = "print"
    HAND_OVER = "hand_over"
    RETURN = "return"
    LOSE = "lose"
    REPLACE = "replace"
    VOID = "void"


@dataclass(frozen=True)
class Way:
    """Where a step leads from and to, and what has to be said."""

    sources: frozenset[CertificateStatus]
    target: CertificateStatus
    needs_reason: bool = False
    needs_receiver: bool = False
    needs_accreditation: bool = False  # only while the holder's accreditation stands


WAYS: dict[Step, Way] = {
    Step.PRINT: Way(frozenset({S.ISSUED, S.PRINTED}), S.PRINTED, needs_accreditation=True),
    Step.HAND_OVER: Way(
        frozenset({S.PRINTED}), S.HANDED_OVER, needs_receiver=True, needs_accreditation=True
    ),
    Step.RETURN: Way(frozenset({S.HANDED_OVER}), S.RETURNED),
    Step.LOSE: Way(LIVE, S.LOST, needs_reason=True),
    Step.REPLACE: Way(LIVE, S.REPLACED, needs_reason=True, needs_accreditation=True),
    Step.VOID: Way(LIVE, S.VOID, needs_reason=True),
}


def steps_from(
    status: CertificateStatus,
    accreditation: AccreditationStatus = AccreditationStatus.ACCREDITED,
) -> tuple[Step, ...]:
    """The steps that the table allows from `status`, while the accreditation stands so."""
    stands = accreditation is AccreditationStatus.ACCREDITED
    return tuple(
        step
        for step, way in WAYS.items()
        if status in way.sources and (stands or not way.needs_accreditation)
    )


def needs_reason(step: Step, status: CertificateStatus) -> bool:
    """Whether the step asks why; printing does where it was printed before."""
    return WAYS[step].needs_reason or (step is Step.PRINT and status is S.PRINTED)


def kind_for(function: Function) -> CertificateKind:
    """Support staff get a support certificate."""
    is_observer = counts_as_observer(function)
    return CertificateKind.OBSERVER if is_observer else CertificateKind.SUPPORT


class Ended(StrEnum):
    """Why a certificate that was issued no longer holds before its time."""

    REVOKED = "revoked"  # the accreditation was revoked
    WITHDRAWN = "withdrawn"  # the accreditation was withdrawn
    REPLACED = "replaced"
    LOST = "lost"
    RETURNED = "returned"
    VOID = "void"


ENDED_CERTIFICATES = {
    S.REPLACED: Ended.REPLACED,
    S.LOST: Ended.LOST,
    S.RETURNED: Ended.RETURNED,
    S.VOID: Ended.VOID,
}
ENDED_ACCREDITATIONS = {
    AccreditationStatus.REVOKED: Ended.REVOKED,
    AccreditationStatus.WITHDRAWN: Ended.WITHDRAWN,
}


def ended(certificate: CertificateStatus, accreditation: AccreditationStatus) -> Ended | None:
    """Why the certificate no longer holds; None where it does, or only its time has run out.

    It holds because its accreditation stands: a revocation is the graver news and is told first.
    """
    return ENDED_ACCREDITATIONS.get(accreditation) or ENDED_CERTIFICATES.get(certificate)


class Verdict(StrEnum):
    """What a verifier says, in colour, sign and word."""

    VALID = "valid"
    NOT_VALID = "not_valid"
    CANNOT_TELL = "cannot_tell"


class Reason(StrEnum):
    """Why a certificate is not valid, or why nobody can tell."""

    NOT_A_CERTIFICATE = "not_a_certificate"  # a random code, another system, cut off
    ALTERED = "altered"  # the signature does not hold
    UNKNOWN_KEY = "unknown_key"  # nobody at the Ministry has signed this
    KEY_LOST = "key_lost"
    OTHER_ELECTION = "other_election"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    LOST = "lost"
    RETURNED = "returned"
    VOID = "void"
    UNKNOWN_NUMBER = "unknown_number"  # typed by hand: no such serial and code
    INCOMPLETE_NUMBER = "incomplete_number"  # typed by hand: no serial with a code
    NO_KEYS = "no_keys"
    KEYS_TOO_OLD = "keys_too_old"
    NO_LIST = "no_list"
    LIST_TOO_OLD = "list_too_old"
    CLOCK_BEHIND = "clock_behind"


UNCERTAIN = frozenset(
    {
        Reason.INCOMPLETE_NUMBER,
        Reason.NO_KEYS,
        Reason.KEYS_TOO_OLD,
        Reason.NO_LIST,
        Reason.LIST_TOO_OLD,
        Reason.CLOCK_BEHIND,
    }
)


def verdict_for(reason: Reason | None) -> Verdict:
    """What is said for a reason; none: valid."""
    if reason is None:
        return Verdict.VALID
    return Verdict.CANNOT_TELL if reason in UNCERTAIN else Verdict.NOT_VALID


def time_reason(valid_from: datetime, valid_until: datetime, now: datetime) -> Reason | None:
    """Whether `now` lies outside the validity: from the first moment, until before the last."""
    if now < valid_from:
        return Reason.NOT_YET_VALID
    return Reason.EXPIRED if now >= valid_until else None


def age_reason(issued_at: datetime | None, now: datetime) -> Reason | None:
    """Whether a revocation list of this moment can vouch for anything at `now`."""
    if issued_at is None:
        return Reason.NO_LIST
    if issued_at - now > CLOCK_TOLERANCE:
        return Reason.CLOCK_BEHIND
    return Reason.LIST_TOO_OLD if now - issued_at > LIST_MAX_AGE else None
