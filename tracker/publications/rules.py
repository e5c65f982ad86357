"""What may be published: by two people, numbered, and never changed afterwards."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tracker.kernel.permissions import Capability
from tracker.publications.models import PublicationStatus

S = PublicationStatus


class Step(StrEnum):
    """A step of a publication's life."""

    EDIT = "edit"
    APPROVE = "approve"
    PUBLISH = "publish"
    DISCARD = "discard"


@dataclass(frozen=True)
class Way:
    """Where a step leads from and to, and who takes it."""

    sources: frozenset[PublicationStatus]
    target: PublicationStatus
    capability: Capability


_EDIT, _APPROVE = Capability.EDIT_PUBLICATIONS, Capability.APPROVE_PUBLICATIONS

# Whoever changes a text after it was approved sends it back: nobody approved these words.
BULLETIN_WAYS: dict[Step, Way] = {
    Step.EDIT: Way(frozenset({S.DRAFT, S.APPROVED}), S.DRAFT, _EDIT),
    Step.APPROVE: Way(frozenset({S.DRAFT}), S.APPROVED, _APPROVE),
    Step.PUBLISH: Way(frozenset({S.APPROVED}), S.PUBLISHED, _APPROVE),
    Step.DISCARD: Way(frozenset({S.DRAFT, S.APPROVED}), S.DISCARDED, _EDIT),
}
# A press note that was published is written on: its next version is a correction.
NOTE_WAYS: dict[Step, Way] = BULLETIN_WAYS | {
    Step.EDIT: Way(frozenset({S.DRAFT, S.APPROVED, S.PUBLISHED}), S.DRAFT, _EDIT),
}


def steps_from(ways: dict[Step, Way], status: PublicationStatus) -> tuple[Step, ...]:
    """The steps that the table allows from `status`."""
    return tuple(step for step, way in ways.items() if status in way.sources)


def may_approve(approver_id: int | None, editor_id: int | None) -> bool:
    """Whether this person is another one than who wrote last (the system approves nothing)."""
    return approver_id is not None and approver_id != editor_id


def list_hash(rows: Iterable[tuple[int, int, str, str]]) -> str:
    """The SHA-256 of the list that a bulletin counts, in hexadecimal.

    One line for each observer, ascending: numbers of accreditation and delegation, function,
    region (empty for none), with a blank between and a line feed (U+000A) after each; UTF-8. No
    personal data is in it, so that the list can be shown to whoever doubts the number.
    """
    digest = hashlib.sha256()
    for accreditation, delegation, function, region in sorted(rows):
        digest.update(f"{accreditation} {delegation} {function} {region}\n".encode())
    return digest.hexdigest()
