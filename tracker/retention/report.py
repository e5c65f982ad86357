"""A plan and a purge as plain text, for the command line and for a file beside the archive."""

from collections.abc import Iterator, Mapping

from tracker.retention.labels import CATEGORIES, PROBLEMS, STATUSES
from tracker.retention.models import Category, RetentionPurge
from tracker.retention.proof import differences
from tracker.retention.queries import CategoryPlan, Plan

COLUMNS = ("deleted", "erased", "entries", "files", "bytes")
HEADINGS = ("rows deleted", "rows erased", "audit entries", "files", "bytes")
MOST_DIFFERENCES = 50


def _numbers(values: Mapping[str, int]) -> str:
    said = (f"{values[name]} {heading}" for name, heading in zip(COLUMNS, HEADINGS, strict=True))
    return ", ".join(text for text in said if not text.startswith("0 ")) or "nothing"


def _planned(each: CategoryPlan) -> str:
    values = {name: getattr(each, name) for name in COLUMNS}
    state = "due" if each.is_due else "not due"
    return (
        f"{each.due_on}  {each.days:>5} days  {state:<7}  "
        f"{CATEGORIES[each.category]}: {_numbers(values)}"
    )


def plan_lines(plan: Plan) -> Iterator[str]:
    """What a purge would take, line by line."""
    yield f"{plan.election.name_en} ({plan.election.slug}), counted from {plan.ended_on}"
    yield f"As of {plan.as_of}: {plan.people} observers, {plan.kept} kept for a later election"
    yield from map(_planned, plan.categories)


def report_lines(purge: RetentionPurge) -> Iterator[str]:
    """What was purged and the proof, line by line; it holds no personal data."""
    yield f"Purge no. {purge.id} of {purge.election.slug}, as of {purge.as_of}"
    yield f"asked for by {purge.requested_by} at {purge.requested_at:%Y-%m-%d %H:%M} UTC"
    finished = f" at {purge.finished_at:%Y-%m-%d %H:%M} UTC" if purge.finished_at else ""
    yield f"{STATUSES[purge.status]}{finished}"
    if purge.problem:
        yield PROBLEMS[purge.problem]
    yield f"{purge.people} observers, {purge.kept} kept for a later election"
    for category in Category:
        if category in purge.removed:
            yield f"{CATEGORIES[category]}: {_numbers(purge.removed[category])}"
    yield f"SHA-256 of all totals before: {purge.digest_before or '-'}"
    yield f"SHA-256 of all totals after:  {purge.digest_after or '-'}"
    for path in differing(purge)[:MOST_DIFFERENCES]:
        yield f"  differs: {path}"
    if purge.rewritten_at:
        yield f"database rewritten at {purge.rewritten_at:%Y-%m-%d %H:%M} UTC"
    elif purge.finished_at:
        yield "database NOT rewritten yet: run `tracker retention rewrite` when few work on it"


def differing(purge: RetentionPurge) -> list[str]:
    """Where the totals after differ from those before; empty where all stayed."""
    if purge.totals_before is None or purge.totals_after is None:
        return []
    return differences(purge.totals_before, purge.totals_after)
