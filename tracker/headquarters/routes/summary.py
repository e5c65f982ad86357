"""Ten seconds on one screen, and what changed since one looked last."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.headquarters import queries
from tracker.headquarters.changes import changes_between
from tracker.headquarters.routes.blueprint import blueprint
from tracker.kernel import clock
from tracker.kernel.i18n import language
from tracker.kernel.permissions import Capability
from tracker.kernel.web import actor, remember, requires
from tracker.publications.queries import last_bulletin
from tracker.totals.queries import headline_figures
from tracker.totals.sentences import figures_sentence

SAME_LOOK = timedelta(minutes=10)  # who comes back sooner is still reading
LONGEST = timedelta(days=30)  # what is older than that is no news
YEAR = 31_536_000  # seconds


@blueprint.get("/e/<election>/summary")
@requires(Capability.VIEW_HEADQUARTERS)
def summary(election: str) -> ResponseReturnValue:
    """Three figures, the sentence, what changed since the last look, today's meetings."""
    row, now = election_for(actor(), election), clock.now()
    since = _last_look(row, now)
    current, before = headline_figures(row), headline_figures(row, as_of=since)
    today, _start = queries.meetings_today(row, now, language())
    names = ("observers", "organizations", "states")
    bulletin = last_bulletin(row.id)
    page = render_template(
        "headquarters/summary.html",
        election=row,
        current=current,
        change={name: getattr(current, name) - getattr(before, name) for name in names},
        sentence=figures_sentence(language(), current),
        changes=changes_between(row, since, now),
        since=clock.local(since, row.time_zone),
        meetings=today,
        moment=clock.local(now, row.time_zone),
        bulletin=bulletin,
        bulletin_at=clock.local(bulletin.as_of, row.time_zone) if bulletin else None,
    )
    response = make_response(page)
    _remember(response, row, since, now)
    return response


def _name(election: Election) -> str:
    return f"looked-{election.slug}"


def _last_look(election: Election, now: datetime) -> datetime:
    """Since when changes are news on this device; a day ago where it never looked."""
    found: list[datetime] = []
    with suppress(ValueError, OverflowError, OSError):
        parts = request.cookies.get(_name(election), "").split(".")
        found = [datetime.fromtimestamp(int(part), UTC) for part in parts]
    if len(found) != 2 or not now - LONGEST <= found[0] <= found[1] <= now:
        return now - timedelta(days=1)
    since, last = found
    return since if now - last < SAME_LOOK else last


def _remember(response: Response, election: Election, since: datetime, now: datetime) -> None:
    """Kept on the device: looking changes nothing of the record, and no one else is to know."""
    seen = f"{int(since.timestamp())}.{int(now.timestamp())}"
    remember(response, _name(election), seen, age=YEAR)
