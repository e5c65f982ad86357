"""Applications and who holds them, as read by pages and by other parts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accreditation.models import (
    Accreditation,
    AccreditationCount,
    AccreditationStatus,
    Assignment,
    Dimension,
    Resolution,
    Submission,
    Transition,
)
from tracker.accreditation.rules import PRESENTED, Application, Missing, missing
from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import LANGUAGES, N_
from tracker.observers.models import Observer, TravelDocument
from tracker.organizations.models import Organization
from tracker.organizations.queries import sender_in

MOST_REPLACEABLE = 200


@dataclass(frozen=True)
class Live:
    """Where a person's live accreditation is."""

    accreditation_id: int
    delegation: dict[str, str]  # by language


def live_accreditation(election_id: int, observer_id: int) -> Live | None:
    """The live accreditation of a person in an election."""
    query = (
        sa.select(Accreditation.id, *(sender_in(code) for code in LANGUAGES))
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(
            Accreditation.election_id == election_id,
            Accreditation.observer_id == observer_id,
            Accreditation.is_live,
        )
    )
    found = db.session.execute(query).first()
    return Live(found[0], dict(zip(LANGUAGES, found[1:], strict=True))) if found else None


def names_of(accreditation_ids: Iterable[int]) -> dict[int, str]:
    """What the people of these accreditations are called, by the accreditations' ids."""
    name = Observer.surname + " " + Observer.given_names
    found: dict[int, str] = {}
    for chunk in in_chunks(set(accreditation_ids)):
        query = sa.select(Accreditation.id, name).join(
            Observer, Observer.id == Accreditation.observer_id
        )
        for key, text in db.session.execute(query.where(Accreditation.id.in_(chunk))):
            found[key] = text.strip()
    return found


def presented_elsewhere(election_id: int, observer_ids: Iterable[int]) -> set[int]:
    """Those of these persons who stand presented or accredited in another election."""
    found: set[int] = set()
    for chunk in in_chunks(set(observer_ids)):
        query = sa.select(Accreditation.observer_id).where(
            Accreditation.observer_id.in_(chunk),
            Accreditation.election_id != election_id,
            Accreditation.status.in_(PRESENTED),
        )
        found |= set(db.session.scalars(query))
    return found


def accreditation_for(actor: Actor, election_id: int, accreditation_id: int) -> Accreditation:
    """The accreditation with its person and delegation; raises `NotFound`, also out of scope."""
    query = (
        sa.select(Accreditation)
        .where(Accreditation.id == accreditation_id, Accreditation.election_id == election_id)
        .options(joinedload(Accreditation.observer), joinedload(Accreditation.delegation))
    )
    found = db.session.scalar(query)
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such observer."))
    return found


def accreditations(election_id: int, ids: Iterable[int]) -> Sequence[Accreditation]:
    """The accreditations with these ids, by name."""
    query = (
        sa.select(Accreditation)
        .where(Accreditation.election_id == election_id, Accreditation.id.in_(set(ids)))
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    return db.session.scalars(query).all()


class Standing(NamedTuple):
    """An accreditation as a step of many sees it."""

    id: int
    election_id: int
    status: AccreditationStatus
    status_at: datetime
    sort_name: str
    replaces_id: int | None


def held(election_id: int, ids: Iterable[int]) -> list[Standing]:
    """The accreditations with these ids, by name; nobody else changes them until the end of the
    transaction."""
    columns = (getattr(Accreditation, name) for name in Standing._fields)
    query = sa.select(*columns).where(Accreditation.election_id == election_id)
    query = query.order_by(Accreditation.id).with_for_update(key_share=True)
    found = [
        Standing._make(row)
        for chunk in in_chunks(set(ids))
        for row in db.session.execute(query.where(Accreditation.id.in_(chunk)))
    ]
    return sorted(found, key=lambda row: (row.sort_name, row.id))


def _applications(ids: Sequence[int]) -> dict[int, Application]:
    query = (
        sa.select(
            Accreditation.id,
            Observer.surname,
            Observer.given_names,
            Observer.birth_date,
            Observer.citizenship,
            TravelDocument.id,
            TravelDocument.expires_on,
            Observer.portrait,
            Accreditation.function,
            Delegation.note_verbale_number,
            Delegation.note_verbale_on,
            Accreditation.pledge_signed_on,
        )
        .join(Observer, Observer.id == Accreditation.observer_id)
        .join(Delegation, Delegation.id == Accreditation.delegation_id)
        .outerjoin(TravelDocument, TravelDocument.observer_id == Observer.id)
        .where(Accreditation.id.in_(ids))
    )
    return {
        row[0]: Application(
            surname=row[1],
            given_names=row[2],
            birth_date=row[3],
            citizenship=row[4],
            has_document=row[5] is not None,
            document_expires_on=row[6],
            has_portrait=row[7] is not None,
            function=row[8],
            has_note_verbale=bool(row[9] and row[10]),
            pledge_signed_on=row[11],
        )
        for row in db.session.execute(query)
    }


def missing_of(election: Election, ids: Sequence[int]) -> dict[int, tuple[Missing, ...]]:
    """What each of these accreditations lacks, some hundred a statement."""
    if not ids:
        return {}
    return {
        key: missing(found, election_on=election.election_on, host=election.host_country)
        for chunk in in_chunks(ids)
        for key, found in _applications(chunk).items()
    }


def history_of(accreditation_id: int) -> Sequence[Any]:
    """The steps of an accreditation with submission and resolution numbers, oldest first."""
    query = (
        sa.select(Transition, Submission.number, Resolution.number)
        .outerjoin(Submission, Submission.id == Transition.submission_id)
        .outerjoin(Resolution, Resolution.id == Transition.resolution_id)
        .where(Transition.accreditation_id == accreditation_id)
        .order_by(Transition.effective_at, Transition.id)
    )
    return db.session.execute(query).all()


def assignments_of(accreditation_id: int) -> Sequence[Assignment]:
    """Functions and regions of an accreditation, oldest first."""
    query = sa.select(Assignment).where(Assignment.accreditation_id == accreditation_id)
    return db.session.scalars(query.order_by(Assignment.effective_at, Assignment.id)).all()


def counts_by_delegation(election_id: int) -> dict[int, dict[AccreditationStatus, int]]:
    """How many observers of each status each delegation has, from the numbers that are kept;
    support staff are never counted as observers."""
    row = AccreditationCount
    query = sa.select(row.key, row.status, row.count).where(
        row.election_id == election_id,
        row.status.in_(list(AccreditationStatus)),
        row.dimension == Dimension.DELEGATION,
        row.count != 0,
    )
    counts: dict[int, dict[AccreditationStatus, int]] = defaultdict(dict)
    for key, status, count in db.session.execute(query):
        counts[int(key)][status] = count
    return counts


def citizenships(actor: Actor, election_id: int) -> list[str]:
    """The citizenships that people of the election have, drafts among them, within the actor's
    scope: in no order."""
    if actor.delegation_ids is None:
        row = AccreditationCount
        query: sa.Select[Any] = sa.select(row.key).where(
            row.election_id == election_id,
            row.status.in_(list(AccreditationStatus)),
            row.dimension == Dimension.CITIZENSHIP,
            row.key != "",
            row.count != 0,
        )
    else:
        query = (
            sa.select(Observer.citizenship)
            .join(Accreditation, Accreditation.observer_id == Observer.id)
            .where(
                Accreditation.election_id == election_id,
                Accreditation.delegation_id.in_(actor.delegation_ids),
                Observer.citizenship.is_not(None),
            )
        )
    return list(db.session.scalars(query.distinct()))


def replaceable(delegation_id: int, *, chosen: int | None = None) -> Sequence[Any]:
    """Accredited observers of a delegation whom no live replacement replaces yet: (id, name).

    Nobody finds a name among more than `MOST_REPLACEABLE`: then only `chosen`, if he is one.
    """
    newer = sa.orm.aliased(Accreditation)
    query = (
        sa.select(Accreditation.id, Observer.surname + " " + Observer.given_names)
        .join(Observer, Observer.id == Accreditation.observer_id)
        .where(
            Accreditation.delegation_id == delegation_id,
            Accreditation.status == AccreditationStatus.ACCREDITED,
            ~sa.exists().where(newer.replaces_id == Accreditation.id, newer.is_live),
        )
        .order_by(Accreditation.sort_name, Accreditation.id)
    )
    found = db.session.execute(query.limit(MOST_REPLACEABLE + 1)).all()
    if len(found) > MOST_REPLACEABLE:
        return db.session.execute(query.where(Accreditation.id == chosen)).all()
    return found
