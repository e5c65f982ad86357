"""What a delegation and headquarters wrote to each other."""

from collections.abc import Callable
from datetime import datetime

from tracker.accounts.models import User
from tracker.delegations.focal_points import set_focal_point
from tracker.delegations.messages import write_message
from tracker.delegations.models import Delegation
from tracker.kernel import clock
from tracker.kernel.actor import SYSTEM, Actor
from tracker.kernel.permissions import Role

DESK = Actor(user_id=None, name="Headquarters desk", roles=frozenset({Role.REGISTRAR}))
THREAD = (
    (
        "2022-11-14T10:20",
        True,
        "Two of our observers land on the evening of 18 November, after the briefing. "
        "Is there another one?",
    ),
    (
        "2022-11-14T11:05",
        False,
        "The briefing is repeated on 19 November at 10:00 in the same hall.",
    ),
    (
        "2022-11-17T09:30",
        False,
        "The certificates of your delegation are ready. Who will collect them, and when?",
    ),
)


def build_talk(delegation: Delegation, user: User, moment: Callable[[str], datetime]) -> None:
    """A focal point of a delegation, and a thread that waits for their answer."""
    set_focal_point(actor=SYSTEM, delegation=delegation, user=user)
    focal_point = Actor(
        user_id=user.id,
        name=user.name,
        roles=frozenset({Role.FOCAL_POINT}),
        delegation_ids=frozenset({delegation.id}),
    )
    for at, is_theirs, text in THREAD:
        with clock.at(moment(at)):
            actor = focal_point if is_theirs else DESK
            write_message(actor=actor, delegation=delegation, text=text)
