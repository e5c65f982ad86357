"""Lists and their rows as pages read them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.accreditation.models import Accreditation, AccreditationStatus
from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.actor import Actor
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset, streamed_records
from tracker.lists.models import ListEffect, ListRow, ListStatus, ObserverList, RowStatus
from tracker.observers.models import Observer
from tracker.organizations.models import Organization

# By a delegation to headquarters, and neither accepted nor returned.
_IS_SENT = sa.and_(
    ObserverList.status == ListStatus.CHECKED,
    ~ObserverList.is_with_delegation,
    ObserverList.sent_at.is_not(None),
)


def list_for(actor: Actor, election_id: int, list_id: int) -> ObserverList:
    """The list; raises `NotFound` also outside the actor's scope."""
    found = db.session.scalar(
        sa.select(ObserverList).where(
            ObserverList.id == list_id, ObserverList.election_id == election_id
        )
    )
    if found is None or not actor.sees_delegation(found.delegation_id):
        raise NotFound(N_("There is no such list."))
    return found


def list_at(actor: Actor, election: str, list_id: int) -> tuple[Election, ObserverList, Delegation]:
    """The election of this slug, the list and its delegation, within the actor's scope."""
    row = election_for(actor, election)
    found = list_for(actor, row.id, list_id)
    return row, found, delegation_for(actor, row.id, found.delegation_id)


def lists(
    actor: Actor,
    election_id: int,
    *,
    delegation_id: int | None = None,
    status: ListStatus | None = None,
    is_sent: bool = False,
) -> Any:
    """Lists within the actor's scope with the name of who sent them, in no order yet."""
    query: Any = (
        sa.select(ObserverList, Organization, ObserverList.id)
        .join(Delegation, Delegation.id == ObserverList.delegation_id)
        .join(Organization, Organization.id == Delegation.organization_id)
        .where(ObserverList.election_id == election_id)
    )
    if actor.delegation_ids is not None:
        query = query.where(ObserverList.delegation_id.in_(actor.delegation_ids))
    if delegation_id:
        query = query.where(ObserverList.delegation_id == delegation_id)
    if status:
        query = query.where(ObserverList.status == status)
    return query.where(_IS_SENT) if is_sent else query


def sent_count(election_id: int) -> Any:
    """How many lists that delegations sent wait for headquarters, as a scalar."""
    query = sa.select(sa.func.count(ObserverList.id)).where(
        ObserverList.election_id == election_id, _IS_SENT
    )
    return query.scalar_subquery()


def all_lists(query: Any) -> Sequence[Any]:
    """Every list of a query, the oldest first."""
    return db.session.execute(query.order_by(ObserverList.id)).all()


def lists_page(query: Any, cursor: str | None) -> Page:
    """One page of lists, the latest first."""
    return keyset(query, keys=(ObserverList.id,), cursor=cursor, descending=True)


@dataclass(frozen=True)
class ShownRow:
    """A row of a list as checked, its ciphertext read."""

    number: int
    status: RowStatus
    is_left_out: bool
    values: dict[str, str]
    raw: dict[str, str]
    problems: list[dict[str, Any]]
    notices: list[str]
    differences: list[list[str]]
    likes: list[dict[str, Any]]
    portrait: str | None
    accreditation_id: int | None
    observer_id: int | None

    @property
    def name(self) -> str:
        """Surname and given names."""
        return f"{self.values.get('surname', '')} {self.values.get('given_names', '')}".strip()


def shown(row: ListRow) -> ShownRow:
    """The row with what was said of it."""
    said = json.loads(row.said)
    return ShownRow(
        number=row.number,
        status=row.status,
        is_left_out=row.is_left_out,
        accreditation_id=row.accreditation_id,
        observer_id=row.observer_id,
        **said,
    )


def rows_of(
    list_id: int, *, status: RowStatus | None = None, is_left_out: bool | None = None
) -> Any:
    """Rows of a list, in no order yet."""
    query: Any = sa.select(ListRow, ListRow.number).where(ListRow.list_id == list_id)
    if status:
        query = query.where(ListRow.status == status, ~ListRow.is_left_out)
    if is_left_out is not None:
        query = query.where(ListRow.is_left_out == is_left_out)
    return query


def rows_wanted(list_id: int, wanted: str) -> Any:
    """The rows of the status that is wanted, or those "left_out"; all of them for other words."""
    status = RowStatus(wanted) if wanted in set(RowStatus) else None
    return rows_of(list_id, status=status, is_left_out=wanted == "left_out" or None)


def rows_page(query: Any, cursor: str | None) -> Page:
    """One page of rows by number."""
    return keyset(query, keys=(ListRow.number,), cursor=cursor)


def row_for(list_id: int, number: int) -> ShownRow:
    """One row; raises `NotFound`."""
    found = db.session.scalar(
        sa.select(ListRow).where(ListRow.list_id == list_id, ListRow.number == number)
    )
    if found is None:
        raise NotFound(N_("There is no such row in the list."))
    return shown(found)


def all_rows(query: Any) -> Iterable[ShownRow]:
    """Every row of a query by number."""
    return map(shown, streamed_records(query.order_by(ListRow.number)))


def to_do(list_id: int, status: RowStatus, size: int = 500) -> Iterator[list[ShownRow]]:
    """The rows of one status that are not left out, some at a time, by number."""
    last = -1
    while True:
        query = (
            sa.select(ListRow)
            .where(
                ListRow.list_id == list_id,
                ListRow.status == status,
                ~ListRow.is_left_out,
                ListRow.number > last,
            )
            .order_by(ListRow.number)
            .limit(size)
        )
        rows = db.session.scalars(query).all()
        if not rows:
            return
        last = rows[-1].number
        yield [shown(row) for row in rows]
        for row in rows:
            db.session.expunge(row)


def became(list_id: int, rows: Sequence[ShownRow]) -> dict[int, tuple[int, AccreditationStatus]]:
    """The accreditation of each of these rows and its status, by the row's number; of rows that
    are in the register already, or that the list brought there."""
    effects = sa.select(ListEffect.row_number, ListEffect.accreditation_id).where(
        ListEffect.list_id == list_id, ListEffect.row_number.in_([row.number for row in rows])
    )
    known = {row.number: row.accreditation_id for row in rows if row.accreditation_id is not None}
    known |= {number: key for number, key in db.session.execute(effects) if number is not None}
    query = sa.select(Accreditation.id, Accreditation.status)
    found = db.session.execute(query.where(Accreditation.id.in_(known.values())))
    statuses = {row.id: row.status for row in found}
    return {number: (key, statuses[key]) for number, key in known.items()}


def names_of(ids: Iterable[int]) -> Sequence[Any]:
    """(id, name, status) of accreditations by name."""
    found: list[Any] = []
    for chunk in in_chunks(set(ids)):
        query = (
            sa.select(
                Accreditation.id,
                (Observer.surname + " " + Observer.given_names).label("name"),
                Accreditation.status,
            )
            .join(Observer, Observer.id == Accreditation.observer_id)
            .where(Accreditation.id.in_(chunk))
        )
        found += db.session.execute(query).all()
    return sorted(found, key=lambda row: (row.name, row.id))


def new_rows(list_id: int) -> list[tuple[int, str]]:
    """Numbers and names of the rows that would enter somebody; of a long list, the first."""
    query = rows_of(list_id, status=RowStatus.NEW).order_by(ListRow.number).limit(500)
    found = [shown(row) for row, _number in db.session.execute(query)]
    return [(row.number, row.name) for row in found]
