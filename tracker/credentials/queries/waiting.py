"""Who is accredited and has no certificate to carry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Dimension,
    Submission,
    Transition,
)
from tracker.credentials.models import (
    Certificate,
)
from tracker.credentials.rules import (
    ENDED_ACCREDITATIONS,
    LIVE,
)
from tracker.kernel.database import db

OVER = (*ENDED_ACCREDITATIONS, AccreditationStatus.EXPIRED)


def lacks_certificate(election_id: int) -> sa.Select[int]:
    """Accreditations that stand and have no certificate to carry, as a query of their ids."""
    return sa.select(Accreditation.id).where(
        Accreditation.election_id == election_id,
        Accreditation.status == AccreditationStatus.ACCREDITED,
        ~_has_one(),
    )


def without_certificate(
    election_id: int, *, delegation_id: int | None = None, submission_id: int | None = None
) -> Sequence[int]:
    """Accredited people who have no certificate to carry, by name; their accreditations' ids."""
    query = lacks_certificate(election_id)
    if delegation_id is not None:
        query = query.where(Accreditation.delegation_id == delegation_id)
    if submission_id is not None:
        query = query.where(Accreditation.id.in_(_accredited_by(submission_id)))
    return db.session.scalars(query.order_by(Accreditation.sort_name, Accreditation.id)).all()


def count_without(election_id: int) -> int:
    """How many accredited people have no certificate to carry."""
    return db.session.scalar(sa.select(without_count(election_id))) or 0


def without_count(election_id: int) -> Any:
    """How many accredited people have no certificate to carry, as a part of another statement:
    those who stand, less those who carry one, without looking at each."""
    stands = AccreditationCount
    accredited = sa.select(sa.func.coalesce(sa.func.sum(stands.count), 0)).where(
        stands.election_id == election_id,
        stands.dimension == Dimension.FUNCTION,
        stands.status == AccreditationStatus.ACCREDITED,
    )
    carried = sa.select(sa.func.count(Certificate.id)).where(
        Certificate.election_id == election_id, Certificate.status.in_(LIVE)
    )
    # Carried still, though the accreditation has ended; a status at a time, so that the index by
    # status leads to these few and not through the whole election.
    over = [
        sa.select(Accreditation.id).where(
            Accreditation.election_id == election_id, Accreditation.status == status
        )
        for status in OVER
    ]
    fallen = carried.where(Certificate.accreditation_id.in_(sa.union_all(*over)))
    everybody = sa.cast(accredited.scalar_subquery(), sa.Integer)
    return everybody - carried.scalar_subquery() + fallen.scalar_subquery()


def waiting_by_delegation(election_id: int) -> dict[int, int]:
    """How many accredited people of each delegation have no certificate to carry."""
    accredited = (
        sa.select(Accreditation.delegation_id, sa.func.count())
        .where(
            Accreditation.election_id == election_id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~_has_one(),
        )
        .group_by(Accreditation.delegation_id)
        .order_by(Accreditation.delegation_id)
    )
    return dict(db.session.execute(accredited).all())


def deciding_submissions(election_id: int) -> Sequence[tuple[int, int]]:
    """Submissions of which somebody accredited has no certificate: id and number."""
    waiting = (
        sa.select(Transition.submission_id)
        .join(Accreditation, Accreditation.id == Transition.accreditation_id)
        .where(
            Transition.election_id == election_id,
            Transition.to_status == AccreditationStatus.ACCREDITED,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~_has_one(),
        )
    )
    query = sa.select(Submission.id, Submission.number).where(Submission.id.in_(waiting))
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Submission.number))]


def _has_one() -> sa.Exists:
    return sa.exists().where(
        Certificate.accreditation_id == Accreditation.id, Certificate.status.in_(LIVE)
    )


def _accredited_by(submission_id: int) -> sa.Select[int]:
    return sa.select(Transition.accreditation_id).where(
        Transition.submission_id == submission_id,
        Transition.to_status == AccreditationStatus.ACCREDITED,
    )
