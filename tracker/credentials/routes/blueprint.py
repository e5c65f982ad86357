"""What the pages of certificates share."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from tracker.credentials.labels import KINDS, STATUSES, STEPS, TONES
from tracker.credentials.models import Certificate
from tracker.credentials.rules import Verdict
from tracker.delegations.queries import delegation_names
from tracker.elections.models import Election
from tracker.elections.regions import region_names
from tracker.kernel import clock
from tracker.kernel.web import actor

blueprint = Blueprint("credentials", __name__)

TONE_OF = {Verdict.VALID: "ok", Verdict.NOT_VALID: "bad", Verdict.CANNOT_TELL: "warn"}
LABELS: dict[str, Any] = {"statuses": STATUSES, "tones": TONES, "kinds": KINDS, "steps": STEPS}


def senders(election: Election) -> list[tuple[int, str]]:
    """The delegations that the person sees, to choose from."""
    return list(delegation_names(actor(), election.id).items())


def regions(election: Election) -> list[tuple[str, str]]:
    """The regions of the host country, to choose from."""
    return list(region_names(election.host_country).items())


def validity(election: Election, row: Certificate) -> dict[str, Any]:
    """The first and the last local day of a certificate."""
    zone = election.time_zone
    return {
        "first_day": clock.local(row.valid_from, zone).date(),
        "last_day": clock.last_day(row.valid_until, zone),
    }


def where(election: Election, row: Certificate) -> str:
    """The regions of a certificate in words."""
    names = dict(regions(election))
    return ", ".join(names.get(code, code) for code in row.regions.split()) or _("Whole country")
