"""Elections as read by pages and by other parts."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tracker.elections.models import Election
from tracker.elections.rules import Calendar
from tracker.kernel.actor import Actor
from tracker.kernel.clock import local_moment
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.i18n import N_


def election_for(actor: Actor, slug: str) -> Election:
    """The election with this slug; raises `NotFound`."""
    found = db.session.scalar(sa.select(Election).where(Election.slug == slug))
    if found is None:
        raise NotFound(N_("There is no election %(slug)s."), slug=slug)
    return found


def elections() -> Sequence[Election]:
    """All elections, the latest election day first."""
    order = (Election.election_on.desc(), Election.id.desc())
    return db.session.scalars(sa.select(Election).order_by(*order)).all()


def deadlines_of(election: Election) -> dict[str, datetime]:
    """The moments that an election is planned by, in their order."""
    on, zone = election.election_on, election.time_zone
    return {
        "opens": election.opens_at,
        "closes": election.closes_at,
        "polls_open": local_moment(on, election.polls_open_at, zone),
        "polls_close": local_moment(on, election.polls_close_at, zone),
        "ends": election.ends_at,
    }


def calendar_of(election: Election) -> Calendar:
    """The moments that rules reason about."""
    return Calendar(
        time_zone=election.time_zone,
        election_on=election.election_on,
        opens_at=election.opens_at,
        closes_at=election.closes_at,
        ends_at=election.ends_at,
    )
