"""The blueprint of this part, and where its pages lead back to."""

from flask import Blueprint, url_for

from tracker.delegations.models import Delegation
from tracker.delegations.queries import delegation_for
from tracker.elections.models import Election
from tracker.elections.queries import election_for
from tracker.kernel.web import actor

blueprint = Blueprint("delegations", __name__)


def page_of(election: Election, row: Delegation) -> str:
    """The address of a delegation's page."""
    return url_for("headquarters.delegation", election=election.slug, delegation_id=row.id)


def delegation_at(election: str, delegation_id: int) -> tuple[Election, Delegation]:
    """The delegation and its election, within the actor's scope."""
    row = election_for(actor(), election)
    return row, delegation_for(actor(), row.id, delegation_id)
