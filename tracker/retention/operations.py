"""What changes periods, and what takes personal data away, batch by batch."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.audit.operations import erase_contents, record_read
from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.database import db
from tracker.kernel.errors import Difference, Refused, Stale, Words
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.observers.models import Observer
from tracker.retention.access import Held, held_about
from tracker.retention.files import delete_files, delete_unnamed
from tracker.retention.holdings import HOLDINGS
from tracker.retention.labels import CATEGORIES
from tracker.retention.models import (
    Category,
    Problem,
    PurgeStatus,
    RetentionPeriod,
    RetentionPurge,
)
from tracker.retention.proof import digest_of, holes, totals
from tracker.retention.purging import ALONE, RECORDS, erase_batch, recorded, recorded_alone
from tracker.retention.queries import (
    due_categories,
    one_a_table,
    people_of,
    periods,
    plan_purge,
    reach_of,
    today,
)
from tracker.retention.rules import LONGEST_DAYS, outlived
from tracker.retention.scopes import Reach

COUNTS = ("deleted", "erased", "entries", "files", "bytes")


# Periods


def set_period(
    *,
    actor: Actor,
    category: Category,
    days: int,
    least_days: int | None = None,
    most_days: int | None = None,
    source: str | None = None,
    seen_version: int,
) -> RetentionPeriod:
    """Set how many days a category is kept, and what the law says of it; raises `Stale`."""
    actor.require(Capability.ADMINISTER)
    values = {"days": days, "least_days": least_days, "most_days": most_days, "source": source}
    _check_period(category, days, least_days, most_days)
    row = db.session.get(RetentionPeriod, category)
    if (row.version if row else 0) != seen_version:
        raise Stale(
            N_(
                "This period was changed meanwhile. What you entered is still below; "
                "check it and save again."
            ),
            differences=[
                Difference(name, getattr(row, name, None), value)
                for name, value in values.items()
                if getattr(row, name, None) != value
            ],
        )
    if row is None:
        row = RetentionPeriod(category=category)
        db.session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.flush()
    return row


def _check_period(
    category: Category, days: int, least_days: int | None, most_days: int | None
) -> None:
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(
            N_("Give a number of days from 1 to %(most)s."), field="days", most=LONGEST_DAYS
        )
    if least_days is not None and days < least_days:
        raise Refused(N_("The law wants at least %(days)s days."), field="days", days=least_days)
    if most_days is not None and days > most_days:
        raise Refused(N_("The law allows at most %(days)s days."), field="days", days=most_days)
    other = outlived(category, days, periods())
    if other is not None:
        raise Refused(
            N_("A copy may not be kept longer than what it is a copy of: see “%(other)s”."),
            field="days",
            other=Words((CATEGORIES[other],)),
        )


# What is held about one person


def give_access(*, actor: Actor, observer: Observer, reference: str) -> Held:
    """Everything that is held about a person, for the letter that asks for it; it is recorded as a
    read of personal data."""
    actor.require(Capability.GIVE_ACCESS)
    held = held_about(observer)
    what = f"everything held, for request {reference}"
    record_read(actor=actor, table="observers", record_id=observer.id, what=what)
    return held


# A purge


def request_purge(*, actor: Actor, election: Election) -> RetentionPurge:
    """Ask for a purge of what is due today with an election; `advance` then does it."""
    actor.require(Capability.ADMINISTER)
    if election.ends_at > clock.now():
        raise Refused(N_("This election is not over yet."))
    as_of = today(election)
    found = plan_purge(election, as_of).due
    if not found:
        raise Refused(N_("Nothing is due to be purged."))
    due = due_categories(election, as_of)
    purge = RetentionPurge(
        election_id=election.id,
        as_of=as_of,
        periods={category.value: days for category, days in due.items()},
        expected=sum(each.deleted + each.erased + each.entries + each.files for each in found),
        requested_by_id=actor.user_id,
        requested_by=actor.name,
    )
    try:
        with db.session.begin_nested():
            db.session.add(purge)
            db.session.flush()
    except IntegrityError as error:
        raise Refused(N_("A purge of this election is under way.")) from error
    return purge


def begin_purge(*, actor: Actor, purge: RetentionPurge) -> bool:
    """Count all totals before anything goes; False where they are not proven, which stops it."""
    actor.require(Capability.ADMINISTER)
    if purge.status is not PurgeStatus.WAITING:
        return purge.status is PurgeStatus.RUNNING
    found = totals()
    purge.totals_before, purge.digest_before = found, digest_of(found)
    if holes(found):
        _stop(purge, Problem.UNPROVEN)
        return False
    purge.status = PurgeStatus.RUNNING
    days = purge.periods.get(Category.NAMES)
    reach = reach_of(purge.election, Category.NAMES, days or periods()[Category.NAMES], purge.as_of)
    due, purge.kept = people_of(reach)
    purge.people = due if days else 0
    db.session.flush()
    return True


def advance_purge(*, actor: Actor, purge: RetentionPurge, place: int) -> int | None:
    """Do one batch from the `place`-th holding on; the place to go on from, None at the end.

    A batch changes nothing that is counted, or raises `CountedChanged`: the caller then undoes it.
    """
    actor.require(Capability.ADMINISTER)
    if purge.status is not PurgeStatus.RUNNING:
        return None
    for number in range(place, len(HOLDINGS)):
        holding = HOLDINGS[number]
        days = purge.periods.get(holding.category)
        if days is None:
            continue
        reach = reach_of(purge.election, holding.category, days, purge.as_of)
        batch = erase_batch(purge, holding, reach)
        if batch is not None:
            # The record of a row that is gone goes with it.
            batch.numbers["entries"] += _erase_contents(actor, batch.records)
            _note(purge, {holding.category.value: batch.numbers})
            return number
    done = delete_files(purge) or _audit_batch(actor, purge)
    if done is None:
        if Category.PORTRAITS in purge.periods:
            _note(purge, delete_unnamed())
        return None
    _note(purge, done)
    return len(HOLDINGS)


def _audit_batch(actor: Actor, purge: RetentionPurge) -> dict[str, Counter[str]] | None:
    """Erase what the audit record says of so many records; None where nothing is left."""
    days = purge.periods.get(Category.AUDIT)
    if days is None:
        return None
    reach = reach_of(purge.election, Category.AUDIT, days, purge.as_of)
    for name, query in _audited(reach):
        found = db.session.scalars(query.distinct().limit(RECORDS)).all()
        if number := _erase_contents(actor, [(name, record_id) for record_id in found]):
            return {Category.AUDIT.value: Counter(entries=number)}
    return None


def _audited(reach: Reach) -> Iterator[tuple[str, sa.Select[Any]]]:
    """What has to be erased from the audit record, table by table."""
    for holding in one_a_table():
        for is_gone in (False, True):
            query = recorded(holding, reach, is_gone=is_gone)
            if query is not None:
                yield holding.name, query
    for name in ALONE:
        yield name, recorded_alone(name, reach)


def _erase_contents(actor: Actor, records: list[tuple[str, str]]) -> int:
    return erase_contents(actor=actor, records=records) if records else 0


def finish_purge(*, actor: Actor, purge: RetentionPurge) -> bool:
    """Count all totals again; False where they are not what they were."""
    actor.require(Capability.ADMINISTER)
    if purge.status is not PurgeStatus.RUNNING:
        return False
    db.session.expire_all()
    found = totals()
    purge.totals_after, purge.digest_after = found, digest_of(found)
    if purge.digest_after != purge.digest_before:
        _stop(purge, Problem.DIFFERENT)
        return False
    purge.status, purge.finished_at = PurgeStatus.DONE, clock.now()
    db.session.flush()
    return True


def stop_purge(*, actor: Actor, purge: RetentionPurge, problem: Problem) -> None:
    """End a purge that must not go on; what is gone is gone, the rest stays."""
    actor.require(Capability.ADMINISTER)
    _stop(purge, problem)


def _stop(purge: RetentionPurge, problem: Problem) -> None:
    purge.status, purge.problem, purge.finished_at = PurgeStatus.STOPPED, problem, clock.now()
    db.session.flush()


def note_rewritten(*, actor: Actor, purge: RetentionPurge) -> None:
    """Note that the database was rewritten since, so that no page holds what is gone."""
    actor.require(Capability.ADMINISTER)
    purge.rewritten_at = clock.now()
    db.session.flush()


def _note(purge: RetentionPurge, done: Mapping[str, Mapping[str, int]]) -> None:
    """Add what was done to the report."""
    report: dict[str, Any] = {name: dict(numbers) for name, numbers in purge.removed.items()}
    for category, numbers in done.items():
        mine = report.setdefault(category, dict.fromkeys(COUNTS, 0))
        for name, number in numbers.items():
            mine[name] += number
    purge.removed = report
    db.session.flush()


def lock_purge(purge_id: int) -> RetentionPurge:
    """The purge, held until the change under way ends: one process at a time works on it."""
    query = sa.select(RetentionPurge).where(RetentionPurge.id == purge_id)
    of_it = RetentionPurge.__table__
    locked = query.with_for_update(of=of_it, key_share=True).execution_options(
        populate_existing=True
    )
    return db.session.scalars(locked).one()
