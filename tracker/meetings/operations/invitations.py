"""Invitations by mail: asked for once by a person, and following every change after that."""

from tracker.elections.models import Election
from tracker.kernel.actor import Actor
from tracker.kernel.errors import Refused
from tracker.kernel.i18n import N_
from tracker.kernel.permissions import Capability
from tracker.meetings.models import Meeting


def tell_attendees(*, election: Election, meeting: Meeting) -> None:
    """Send what changed to everybody who was invited; nobody, where nobody was."""


def invite(*, actor: Actor, election: Election, meeting: Meeting) -> int:
    """Invite everybody who has an address; how many. Later changes follow by themselves."""
    actor.require(Capability.SCHEDULE_MEETINGS)
    raise Refused(N_("No mail is set up for this installation."))


def invitees(election: Election, meeting: Meeting) -> list[str]:
    """Who can be invited."""
    return []
