"""The blueprint of this part, and what its pages have in common."""

from typing import Any

from flask import Blueprint, url_for

from tracker.delegations.models import Delegation
from tracker.elections.models import Election
from tracker.kernel.web import actor
from tracker.lists import queries
from tracker.lists.models import ObserverList

blueprint = Blueprint("lists", __name__)


def url_of(election: Election, found: ObserverList, **more: Any) -> str:
    """The address of a list's page."""
    return url_for("lists.show", election=election.slug, list_id=found.id, **more)


def list_at(election: str, list_id: int) -> tuple[Election, ObserverList, Delegation]:
    """The list, its election and its delegation, within the actor's scope."""
    return queries.list_at(actor(), election, list_id)
