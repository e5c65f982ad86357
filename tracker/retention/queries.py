"""What is due when, what a purge would take, and what was purged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel import clock
from tracker.kernel.database import db, in_chunks
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_
from tracker.kernel.listing import Page, keyset
from tracker.kernel.storage import storage
from tracker.retention.files import unnamed
from tracker.retention.holdings import HOLDINGS, Holding, file_columns, of_category
from tracker.retention.models import (
    OPEN,
    Category,
    PurgeStatus,
    RetentionPeriod,
    RetentionPurge,
)
from tracker.retention.purging import ALONE, left, recorded, recorded_alone
from tracker.retention.rules import DEFAULT_DAYS, Round, due_on, ends_on, written_until
from tracker.retention.scopes import Reach, people, table


def periods() -> dict[Category, int]:
    """The days of every category: the installation's, else the default."""
    chosen = dict(
        db.session.execute(sa.select(RetentionPeriod.category, RetentionPeriod.days)).all()
    )
    return {category: chosen.get(category, days) for category, days in DEFAULT_DAYS.items()}


def period_rows() -> dict[Category, RetentionPeriod]:
    """What the installation chose."""
    return {row.category: row for row in db.session.scalars(sa.select(RetentionPeriod))}


def ended_on(election: Election) -> date:
    """The day from which the election's periods count."""
    rounds = [Round(row.id, row.first_round_id, row.election_on) for row in elections()]
    return ends_on(election.id, rounds)


def reach_of(election: Election, category: Category, days: int, as_of: date) -> Reach:
    """What of a category is due with an election on a day."""
    rounds = [Round(row.id, row.first_round_id, row.election_on) for row in elections()]
    still_open = (row.id for row in rounds if due_on(ends_on(row.id, rounds), days) > as_of)
    return Reach(election.id, tuple(still_open), written_until(as_of, days, election.time_zone))


def due_categories(election: Election, as_of: date) -> dict[Category, int]:
    """The categories that are due with an election on a day, with their days."""
    end = ended_on(election)
    return {name: days for name, days in periods().items() if due_on(end, days) <= as_of}


@dataclass(frozen=True)
class DueState:
    """Where an election stands, without counting: what waits for a purge, and what comes next."""

    ended_on: date
    waiting: tuple[Category, ...]  # due, and no purge that was done took it
    next_on: date | None  # the day on which the next category becomes due

    @property
    def is_overdue(self) -> bool:
        """Whether an administrator has something to do."""
        return bool(self.waiting)


def due_state(election: Election) -> DueState:
    """What an administrator is reminded of; nothing is ever purged without being asked for."""
    end, day = ended_on(election), today(election)
    done = {
        name
        for row in db.session.scalars(
            sa.select(RetentionPurge).where(
                RetentionPurge.election_id == election.id,
                RetentionPurge.status == PurgeStatus.DONE,
            )
        )
        for name in row.periods
    }
    dates = {name: due_on(end, days) for name, days in periods().items()}
    waiting = (name for name, due in dates.items() if due <= day and name not in done)
    next_on = min((due for due in dates.values() if due > day), default=None)
    return DueState(end, tuple(waiting), next_on)


def count_due() -> int:
    """How many categories of personal data wait for a purge, over all elections."""
    return sum(len(due_state(election).waiting) for election in elections())


@dataclass
class CategoryPlan:
    """What a purge would take of one category, and from which day on."""

    category: Category
    days: int
    due_on: date
    is_due: bool
    deleted: int = 0  # rows that would go
    erased: int = 0  # rows that stay with less in them
    entries: int = 0  # of the audit record, whose contents would go
    files: int = 0
    bytes: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.deleted or self.erased or self.entries or self.files)


@dataclass
class Plan:
    """A dry run."""

    election: Election
    as_of: date
    ended_on: date
    people: int = 0  # observers whose names would go, were they due
    kept: int = 0  # observers kept whole for a later election
    categories: list[CategoryPlan] = field(default_factory=list)

    @property
    def due(self) -> list[CategoryPlan]:
        """What a purge would find to do."""
        return [each for each in self.categories if each.is_due and not each.is_empty]


def plan_purge(election: Election, as_of: date) -> Plan:
    """What a purge on that day would take, category by category; changes nothing.

    What is not due yet is counted as of the day on which it will be.
    """
    plan, chosen = Plan(election, as_of, ended_on(election)), periods()
    reaches: dict[Category, Reach] = {}
    for category, days in chosen.items():
        due = due_on(plan.ended_on, days)
        reaches[category] = reach_of(election, category, days, max(as_of, due))
        plan.categories.append(CategoryPlan(category, days, due, due <= as_of))
    for each in plan.categories:
        _count_rows(each, reaches[each.category])
    _count_files(plan, reaches)
    plan.categories[-1].entries = _count_entries(plan, reaches[Category.AUDIT])
    reach = reach_of(election, Category.NAMES, chosen[Category.NAMES], as_of)
    plan.people, plan.kept = people_of(reach)
    return plan


def people_of(reach: Reach) -> tuple[int, int]:
    """How many observers of the election are due, and how many are kept for another election."""
    everybody = sa.select(table("accreditations").c.observer_id).where(
        table("accreditations").c.election_id == reach.election_id
    )
    count = sa.func.count(sa.distinct(sa.literal_column("observer_id")))
    due = db.session.scalar(sa.select(count).select_from(people(reach).subquery())) or 0
    total = db.session.scalar(sa.select(count).select_from(everybody.subquery())) or 0
    return due, total - due


def _count_rows(plan: CategoryPlan, reach: Reach) -> None:
    blanked: dict[str, list[Holding]] = {}
    for holding in of_category(plan.category):
        if holding.is_derived:
            continue
        if holding.blanks is not None:
            blanked.setdefault(holding.name, []).append(holding)
            continue
        query = sa.select(sa.func.count()).select_from(holding.rows).where(left(holding, reach))
        plan.deleted += db.session.scalar(query) or 0
        plan.entries += _number(recorded(holding, reach, is_gone=False))
    for name, holdings in blanked.items():
        either = sa.or_(*(left(each, reach) for each in holdings))
        query = sa.select(sa.func.count()).select_from(table(name)).where(either)
        plan.erased += db.session.scalar(query) or 0


def _count_files(plan: Plan, reaches: Mapping[Category, Reach]) -> None:
    """Files that nothing would name any more once all that is due is gone; each counts once, in
    the first category that names it. For what is not due: were it and all before it."""
    references: Counter[str] = Counter()
    first: dict[str, CategoryPlan] = {}
    for each in plan.categories:
        for holding in of_category(each.category):
            for column in holding.files:
                query = sa.select(column).where(left(holding, reaches[each.category]), column != "")
                for key in db.session.scalars(query):
                    references[key] += 1
                    first.setdefault(key, each)
    named = _references(references)
    gone = {key: each for key, each in first.items() if named[key] <= references[key]}
    portraits = next(each for each in plan.categories if each.category is Category.PORTRAITS)
    for key, each in (gone | dict.fromkeys(unnamed(), portraits)).items():
        each.files += 1
        each.bytes += storage.size(key)


def _references(keys: Mapping[str, int]) -> Counter[str]:
    """How many rows name each of these files; the public record names a file once more."""
    found: Counter[str] = Counter()
    for chunk in in_chunks(keys):
        for column in file_columns(db.metadata.tables.values()):
            found.update(db.session.scalars(sa.select(column).where(column.in_(chunk))))
    return found


def _count_entries(plan: Plan, reach: Reach) -> int:
    """How many entries of the audit record would lose their contents because the period of the
    record has passed, beside those that go with their rows."""
    gone = {each.category for each in plan.categories if each.is_due}
    number = sum(_number(recorded_alone(name, reach)) for name in ALONE)
    for holding in one_a_table():
        number += _number(recorded(holding, reach, is_gone=True))
        if holding.blanks is not None or holding.category not in gone:
            number += _number(recorded(holding, reach, is_gone=False))
    return number


def _number(query: sa.Select[Any] | None) -> int:
    if query is None:
        return 0
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


@lru_cache
def one_a_table() -> tuple[Holding, ...]:
    """A holding of each table that has any: what the audit record says of it is said once."""
    found: dict[str, Holding] = {}
    for holding in HOLDINGS:
        found.setdefault(holding.name, holding)
    return tuple(found.values())


# Purges


def purge_for(purge_id: int) -> RetentionPurge:
    """The purge; raises `NotFound`."""
    found = db.session.get(RetentionPurge, purge_id)
    if found is None:
        raise NotFound(N_("There is no such purge."))
    return found


def open_purges() -> Sequence[RetentionPurge]:
    """Purges that are not finished, the oldest first."""
    query = sa.select(RetentionPurge).where(RetentionPurge.status.in_(OPEN))
    return db.session.scalars(query.order_by(RetentionPurge.id)).all()


def open_purge(election_id: int) -> RetentionPurge | None:
    """The purge of an election that is under way."""
    return next((row for row in open_purges() if row.election_id == election_id), None)


def not_rewritten() -> Sequence[RetentionPurge]:
    """Purges that are finished and after which the database was not rewritten yet."""
    query = sa.select(RetentionPurge).where(
        RetentionPurge.finished_at.is_not(None), RetentionPurge.rewritten_at.is_(None)
    )
    return db.session.scalars(query.order_by(RetentionPurge.id)).all()


def purges(election_id: int | None = None) -> sa.Select[RetentionPurge, int]:
    """Purges in no order yet."""
    query = sa.select(RetentionPurge, RetentionPurge.id)
    return query if election_id is None else query.where(RetentionPurge.election_id == election_id)


def purges_page(query: sa.Select[RetentionPurge, int], cursor: str | None) -> Page:
    """One page of purges, the newest first."""
    return keyset(query, keys=(RetentionPurge.id,), cursor=cursor, descending=True)


def today(election: Election) -> date:
    """The day by which it is decided what is due with an election."""
    return clock.today(election.time_zone)
