"""Which election a public page is about: the one of its address, or the one under way."""

from collections.abc import Sequence

from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel import clock
from tracker.kernel.actor import Actor

ANYBODY = Actor(user_id=None, name="public")


def current_election(known: Sequence[Election]) -> Election | None:
    """The election that is under way or comes next; after the last one, that."""
    ahead = (row for row in reversed(known) if row.ends_at > clock.now())
    return next(ahead, known[0] if known else None)


def election_of(slug: str) -> Election:
    """The election of an address; raises `NotFound`."""
    return election_for(ANYBODY, slug)
