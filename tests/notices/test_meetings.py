"""What delegations are told of their meetings: that they stand, move, end, go on without them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.factories import accounts, records
from tracker.kernel.actor import SYSTEM
from tracker.kernel.database import unit_of_work
from tracker.kernel.permissions import Role
from tracker.meetings.models import MeetingKind, MeetingStatus, Whom
from tracker.meetings.operations import (
    MeetingDetails,
    RequestDetails,
    answer_request,
    cancel_meeting,
    change_meeting,
    request_meeting,
)
from tracker.meetings.operations.meetings import confirm_meeting, schedule_meeting

ALMATY = ZoneInfo("Asia/Almaty")
NINE = datetime(2022, 11, 18, 9, tzinfo=ALMATY)


def details(official, *delegations, starts=NINE):
    return MeetingDetails(
        title="SECRET",
        kind=MeetingKind.BILATERAL,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=45),
        official_ids=(official.id,),
        delegation_ids=tuple(each.id for each in delegations),
    )


def scheduled(world, official, status=MeetingStatus.SCHEDULED):
    with unit_of_work(SYSTEM):
        return schedule_meeting(
            actor=world.actor(Role.COORDINATOR),
            election=world.election,
            details=details(official, world.delegation),
            status=status,
        )


def change(world, meeting, to):
    with unit_of_work(SYSTEM):
        change_meeting(
            actor=world.actor(Role.COORDINATOR),
            election=world.election,
            meeting=meeting,
            details=to,
            seen_version=meeting.version,
        )


def cancel(world, meeting):
    with unit_of_work(SYSTEM):
        cancel_meeting(
            actor=world.actor(Role.COORDINATOR),
            election=world.election,
            meeting=meeting,
            reason="Fog",
        )


def another(world):
    """A delegation of another sender, with its own contact."""
    with unit_of_work(SYSTEM):
        found = records.delegation(world.election)
        user = accounts.user(Role.FOCAL_POINT, delegation_ids=(found.id,))
        world.names[user.email] = "other"
    return found


def test_a_meeting_is_told_to_the_delegation_and_its_end_too(world):
    world.people[Role.FOCAL_POINT].language = "ru"
    meeting = scheduled(world, records.official())
    [(role, subject, text)] = world.told()
    assert (role, subject) == (Role.FOCAL_POINT, "Встречи вашей делегации")
    assert "18 ноября 2022, 09:00" in text
    assert "SECRET" not in text
    cancel(world, meeting)
    [(_role, _subject, text)] = world.told()
    assert "отменена" in text


def test_who_joins_and_who_is_taken_out_is_told_where_others_stay(world):
    official, other = records.official(), another(world)
    meeting = scheduled(world, official)
    world.told()
    change(world, meeting, details(official, world.delegation, other))
    [(who, _subject, text)] = world.told()
    assert who == "other"
    assert "A meeting is scheduled for 18 November 2022, 09:00." in text
    later = NINE + timedelta(hours=2)
    change(world, meeting, details(official, other, starts=later))
    told = {who: text for who, _subject, text in world.told()}
    assert told.keys() == {Role.FOCAL_POINT, "other"}
    said = "Your delegation no longer takes part in the meeting on 18 November 2022, 09:00."
    assert said in told[Role.FOCAL_POINT]
    assert "11:00" not in told[Role.FOCAL_POINT]
    assert "A meeting was moved to 18 November 2022, 11:00." in told["other"]
    cancel(world, meeting)
    assert [who for who, _subject, _text in world.told()] == ["other"]


def test_of_a_proposal_nobody_is_told_until_it_stands(world):
    official, other = records.official(), another(world)
    proposed = scheduled(world, official, status=MeetingStatus.PROPOSED)
    change(world, proposed, details(official, world.delegation, other))
    cancel(world, proposed)
    assert world.told() == []
    meeting = scheduled(world, official, status=MeetingStatus.PROPOSED)
    with unit_of_work(SYSTEM):
        confirm_meeting(actor=world.actor(Role.COORDINATOR), meeting=meeting)
    [(role, _subject, text)] = world.told()
    assert role is Role.FOCAL_POINT
    assert "A meeting is scheduled for" in text


def test_a_proposal_that_another_replaces_was_no_meeting(world):
    official, actor = records.official(), world.actor(Role.COORDINATOR)
    wanted = RequestDetails(whom=Whom.OFFICIAL, official_id=official.id, topics="SECRET")
    around = {"actor": actor, "election": world.election}
    with unit_of_work(SYSTEM):
        request = request_meeting(**around, delegation=world.delegation, details=wanted)
        around |= {"request": request}
        answer_request(**around, details=details(official, world.delegation), is_proposal=True)
    world.told()
    with unit_of_work(SYSTEM):
        later = details(official, world.delegation, starts=NINE + timedelta(hours=2))
        answer_request(**around, details=later)
    [(role, _subject, text)] = world.told()
    assert role is Role.FOCAL_POINT
    assert "A meeting is scheduled for 18 November 2022, 11:00." in text
    assert "cancelled" not in text
