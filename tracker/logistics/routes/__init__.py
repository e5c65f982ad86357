"""Pages on which headquarters arranges what delegations need."""

from tracker.logistics.routes import (
    answers,
    assistance,
    assistance_steps,
    duty_contacts,
    duty_log,
    duty_roster,
    hand_overs,
    intake,
    movements,
    points,
)
from tracker.logistics.routes.blueprint import blueprint

__all__ = [
    "answers",
    "assistance",
    "assistance_steps",
    "blueprint",
    "duty_contacts",
    "duty_log",
    "duty_roster",
    "hand_overs",
    "intake",
    "movements",
    "points",
]
