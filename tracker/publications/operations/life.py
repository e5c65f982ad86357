"""The one way in which a publication moves, and what every step asks."""

from tracker.kernel import clock
from tracker.kernel.actor import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.publications.models import Bulletin, PressNote
from tracker.publications.rules import Step, Way, may_approve


def check_step(actor: Actor, ways: dict[Step, Way], row: Bulletin | PressNote, step: Step) -> None:
    """Raise `Forbidden` or `Refused` where the table has no such way for this actor."""
    way = ways[step]
    actor.require(way.capability)
    if row.status not in way.sources:
        raise Refused(N_("This is not possible any more: somebody else went on meanwhile."))


def mark_edited(actor: Actor, row: Bulletin | PressNote) -> None:
    """Somebody wrote: whatever was approved before is not approved any more."""
    row.edited_at, row.edited_by_id, row.edited_by = clock.now(), actor.user_id, actor.name
    row.approved_at = row.approved_by_id = row.approved_by = None


def approve(actor: Actor, row: Bulletin | PressNote) -> None:
    """Approve as another person than who wrote last; raises `Refused` for the same."""
    if not may_approve(actor.user_id, row.edited_by_id):
        raise Refused(N_("Another person than %(name)s has to approve it."), name=row.edited_by)
    row.approved_at, row.approved_by_id, row.approved_by = clock.now(), actor.user_id, actor.name


def publish(actor: Actor, row: Bulletin | PressNote) -> None:
    """Say when it was published, and by whom."""
    row.published_at, row.published_by = clock.now(), actor.name
