"""What the public pages share."""

from flask import Blueprint

from tracker.elections.models import Election
from tracker.elections.queries import elections
from tracker.kernel import clock
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_

blueprint = Blueprint("public", __name__)


def election_of(slug: str) -> Election:
    """The election of this address, for anybody; raises `NotFound`."""
    found = next((row for row in elections() if row.slug == slug), None)
    if found is None:
        raise NotFound(N_("There is no such election."))
    return found


def current_election() -> Election:
    """The election whose certificates hold now, or the latest; raises `NotFound` before any."""
    rows = elections()
    now = clock.now()
    running = [row for row in rows if row.opens_at <= now < row.ends_at]
    found = min(running, key=lambda row: row.election_on) if running else next(iter(rows), None)
    if found is None:
        raise NotFound(N_("There is no such election."))
    return found
