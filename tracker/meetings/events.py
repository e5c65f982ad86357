"""A meeting as calendars show it: the same event in a subscription and in an invitation."""

from tracker.elections.models import Election
from tracker.kernel.encryption import keyring
from tracker.kernel.i18n import localized
from tracker.meetings.calendars import Event
from tracker.meetings.models import Meeting, MeetingStatus
from tracker.organizations.labels import sender_name


def _uid(meeting: Meeting) -> str:
    """Unique in the world and the same for good, at whatever address the installation answers."""
    return f"meeting-{meeting.id}@{keyring.digest('installation')[:16]}"


def place_of(meeting: Meeting) -> list[str]:
    """Where it is: the hall with its institution, what is typed, or else the first host's own."""
    found = []
    if meeting.hall:
        found = [localized(meeting.hall, "name"), localized(meeting.hall.institution, "name")]
    if meeting.place:
        found.append(meeting.place)
    if not found and meeting.officials:
        found = [localized(meeting.officials[0].institution, "name")]
    return found


def event_of(meeting: Meeting, election: Election) -> Event:
    """The meeting in the reader's language."""
    people = [localized(row, "name") for row in meeting.officials]
    senders = [sender_name(row.organization) for row in meeting.delegations]
    return Event(
        uid=_uid(meeting),
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        time_zone=election.time_zone,
        summary=meeting.title,
        place=", ".join(place_of(meeting)) or None,
        description="\n".join(filter(None, (", ".join(people), ", ".join(senders)))) or None,
        url=None,
        is_tentative=meeting.status is MeetingStatus.PROPOSED,
        is_cancelled=meeting.status is MeetingStatus.CANCELLED,
        created_at=meeting.created_at,
        changed_at=meeting.changed_at or meeting.created_at,
    )
