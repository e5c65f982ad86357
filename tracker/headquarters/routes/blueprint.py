"""The blueprint that headquarters' pages share, and the moments that their addresses carry."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, request
from flask_babel import gettext as _

from tracker.elections.models import Election
from tracker.kernel import clock
from tracker.kernel.errors import Refused
from tracker.totals.figures import parse_local

blueprint = Blueprint("headquarters", __name__)


def moment_asked(election: Election, name: str) -> datetime | None:
    """The moment in the address (`as_of`, `known_at`), local time of the election; None if none.

    What is no moment is said in a message and left out.
    """
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_local(text, election.time_zone)
    except (Refused, OverflowError):
        flash(_("%(text)s is not a moment: write it like 2022-11-08T23:59.", text=text), "warn")
        return None


def local_text(election: Election, moment: datetime | None) -> str | None:
    """A moment as an address or a field carries it: local time without an offset."""
    if moment is None:
        return None
    return clock.local(moment, election.time_zone).strftime("%Y-%m-%dT%H:%M")


def clean(**values: Any) -> dict[str, Any]:
    """Address parameters without the empty ones."""
    return {name: value for name, value in values.items() if value}
